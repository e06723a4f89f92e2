/** Whom this log asks for cosignatures: a line each, the verifier key of the witness and its address. */
import { parseCosignatureKey } from '@strongroom/merkle';

export interface ListedWitness {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly url: string;
}

const witnessesMax = 16;
const urlForm = /^https?:\/\/[A-Za-z0-9.\-[\]:]{1,253}(\/[A-Za-z0-9._~/-]{0,200})?$/;

/** Empty lines and those that begin with # say nothing. What is wrong, as a text, with its line. */
export function parseWitnessList(content: string): readonly ListedWitness[] | string {
  const witnesses: ListedWitness[] = [];
  for (const [at, line] of content.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [text = '', url = '', ...more] = line.trim().split(/\s+/);
    const key = parseCosignatureKey(text);
    if (key === undefined) return `line ${at + 1}: no key of a witness`;
    if (!urlForm.test(url) || more.length > 0) return `line ${at + 1}: no address of a witness`;
    if (witnesses.some(({ name }) => name === key.name))
      return `line ${at + 1}: a name that is there already`;
    witnesses.push({ ...key, url });
  }
  return witnesses.length > witnessesMax ? `more than ${witnessesMax} witnesses` : witnesses;
}
