import { StrongroomError } from '@strongroom/errors';
import type { CarryOut } from '../use-case.ts';
import { type AddVersionPorts, addVersion } from './add-version.ts';
import { type MadeValue, makeValue } from './generate/make-value.ts';

/** The value is made, encrypted and stored in one step: the reply, and so the stored answer to a repetition, has none. */
export function makeGenerateSecret(ports: AddVersionPorts): CarryOut<'secret.generate'> {
  return async ({ params: { recipe, ...wanted }, at }) => {
    let made: Omit<MadeValue, 'value'> | undefined;
    const { written, ...effect } = await addVersion(ports, wanted, at, async () => {
      const { value, ...rest } = await makeValue(ports.hsm, wanted.kind, recipe);
      made = rest;
      return value;
    });
    if (made === undefined) throw new StrongroomError('internal');
    return { result: { ...written, ...made }, ...effect };
  };
}
