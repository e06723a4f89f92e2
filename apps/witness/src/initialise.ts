/** Makes the key of a new witness with its first state, and says the key that others trust it by. Overwrites nothing. */
import { access } from 'node:fs/promises';
import { cosignatureVerifierKey } from '@strongroom/merkle';
import { generateKeyFile, writeKeyFile } from '@strongroom/sealed';
import { replaceStateFile } from './outbound/state-file.ts';

export interface InitialiseOptions {
  readonly name: string | undefined;
  readonly keyFile: string | undefined;
  readonly stateFile: string | undefined;
  readonly print: (line: string) => void;
}

/** Status of the process. */
export async function initialise({ name, keyFile, stateFile, print }: InitialiseOptions): Promise<number> {
  if (name === undefined || keyFile === undefined || stateFile === undefined) {
    print('usage: init <name> <new key file> <new state file>');
    return 2;
  }
  const isThere = await access(stateFile).then(
    () => true,
    () => false,
  );
  if (isThere) {
    print(`${stateFile} is there already: the state of a witness is never made anew`);
    return 1;
  }
  const key = generateKeyFile(`witness:${name}`);
  await writeKeyFile(keyFile, key);
  await replaceStateFile(stateFile, {});
  print(cosignatureVerifierKey(name, Buffer.from(key.publicKey, 'base64url')));
  return 0;
}
