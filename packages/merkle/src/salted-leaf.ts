/**
 * Leaves that hide what they commit to. Whoever gets the path of one leaf sees hashes of its neighbours, and whoever reads
 * the log sees the root: neither may be able to try values against them. So each leaf's data starts with a salt, and a salt
 * is shown together with its own leaf only.
 *
 * The salts of one tree come from one secret seed: salt `i` is characters 24 i to 24 i + 23 of SHAKE256(seed) (FIPS 202) in
 * base64url, 144 bits that tell nothing about the seed or about each other. All of them together cost less than one hash. Salt
 * and data are text, because a text goes through one call of the hash without a copy: with bytes a leaf costs twice as much.
 */
import { createHash, hash } from 'node:crypto';

export const saltSeedBytes = 32;
const saltBytes = 18;
const saltCharacters = 24;

/** Salts of the first `count` leaves. Throws `RangeError` for a seed of another length than 32 bytes. */
export function saltsFrom(seed: Uint8Array, count: number): readonly string[] {
  if (seed.length !== saltSeedBytes) throw new RangeError('a seed has 32 bytes');
  if (count === 0) return [];
  const stream = createHash('shake256', { outputLength: count * saltBytes })
    .update(seed)
    .digest('base64url');
  return Array.from({ length: count }, (_, index) =>
    stream.slice(index * saltCharacters, (index + 1) * saltCharacters),
  );
}

/** `leafHash` of salt and text in UTF-8. Throws `RangeError` for a salt of another length: with one, the text has one place. */
export function saltedLeafHash(salt: string, text: string): Uint8Array {
  if (salt.length !== saltCharacters) throw new RangeError('a salt has 24 characters');
  return hash('sha256', `\0${salt}${text}`, 'buffer');
}
