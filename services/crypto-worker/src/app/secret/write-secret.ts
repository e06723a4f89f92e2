import { SecretBytes } from '@strongroom/secret';
import { bytesField } from '../bytes-field.ts';
import type { CarryOut } from '../use-case.ts';
import { type AddVersionPorts, addVersion } from './add-version.ts';

export function makeWriteSecret(ports: AddVersionPorts): CarryOut<'secret.write'> {
  return async ({ params: { value, ...wanted }, at }) => {
    const makeValue = () => SecretBytes.adopt(bytesField(value, 'value'));
    const { written, ...effect } = await addVersion(ports, wanted, at, makeValue);
    return { result: written, ...effect };
  };
}
