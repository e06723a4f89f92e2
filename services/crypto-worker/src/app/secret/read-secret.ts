import type { CarryOut } from '../use-case.ts';
import { findSecretVersion, type ReadSecretPorts, readFound } from './open-version.ts';

export function makeReadSecret(ports: ReadSecretPorts): CarryOut<'secret.read'> {
  return async ({ params, at }) => {
    const result = await readFound(ports, await findSecretVersion(ports, params, at));
    return { result, version: result.version };
  };
}
