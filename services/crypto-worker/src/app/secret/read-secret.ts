import type { CarryOut } from '../use-case.ts';
import { type ReadSecretPorts, readSecretVersion } from './open-version.ts';

export function makeReadSecret(ports: ReadSecretPorts): CarryOut<'secret.read'> {
  return async ({ params }) => {
    const result = await readSecretVersion(ports, params);
    return { result, version: result.version };
  };
}
