import { readKeyFile } from '@strongroom/sealed';
import type { KeyCredential } from './credential.ts';

/** Throws `configuration-invalid` for a file that is not a key file or that others may read. */
export async function keyFileCredential(path: string): Promise<KeyCredential> {
  const { principal, sign } = await readKeyFile(path);
  return { kind: 'key', principal, sign };
}
