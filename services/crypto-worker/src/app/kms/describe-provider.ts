import { kmsKeyId } from '../../domain/kms-ciphertext.ts';
import type { CarryOut } from '../use-case.ts';
import { findKek, type KekPorts } from './kek-version.ts';

export function makeDescribeProvider(ports: KekPorts): CarryOut<'kms.describe'> {
  return async ({ params, caller }) => {
    const { key, version } = await findKek(ports, params, caller.principal, 'wrap');
    return {
      result: { keyId: kmsKeyId(params.provider, key, version), version: version.version },
      version: version.version,
    };
  };
}
