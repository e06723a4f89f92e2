import { kmsKeyId } from '../../domain/kms-ciphertext.ts';
import type { Registry } from '../../ports/registry.ts';
import type { CarryOut } from '../use-case.ts';
import { findKek } from './kek-version.ts';

export function makeDescribeProvider({
  registry,
}: {
  readonly registry: Registry;
}): CarryOut<'kms.describe'> {
  return async ({ params }) => {
    const { key, version } = await findKek(registry, params, 'protect');
    return {
      result: { keyId: kmsKeyId(params.provider, key, version), version: version.version },
      version: version.version,
    };
  };
}
