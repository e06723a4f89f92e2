/**
 * Leaves that hide what they commit to. Whoever gets the path of one leaf sees hashes of its neighbours, and whoever reads
 * the log sees the root: neither may be able to try values against them. So each leaf's data starts with a salt, and a salt
 * is shown together with its own leaf only.
 *
 * The salts of one tree come from one secret seed: salt `i` is octets 16 i to 16 i + 15 of SHAKE256(seed) (FIPS 202), which
 * tell nothing about the seed or about each other. All of them together cost less than one hash.
 */
import { createHash } from 'node:crypto';
import { leafHash } from './hash.ts';

export const saltSeedBytes = 32;
const saltBytes = 16;

/** Salts of the first `count` leaves. Throws `RangeError` for a seed of another length than 32 bytes. */
export function saltsFrom(seed: Uint8Array, count: number): readonly Uint8Array[] {
  if (seed.length !== saltSeedBytes) throw new RangeError('a seed has 32 bytes');
  if (count === 0) return [];
  const stream = createHash('shake256', { outputLength: count * saltBytes })
    .update(seed)
    .digest();
  return Array.from({ length: count }, (_, index) =>
    stream.subarray(index * saltBytes, (index + 1) * saltBytes),
  );
}

/** `leafHash` of salt and data. Throws `RangeError` for another salt than 16 bytes: with one length, data has one place. */
export function saltedLeafHash(salt: Uint8Array, data: Uint8Array): Uint8Array {
  if (salt.length !== saltBytes) throw new RangeError('a salt has 16 bytes');
  const salted = Buffer.allocUnsafe(saltBytes + data.length);
  salted.set(salt);
  salted.set(data, saltBytes);
  return leafHash(salted);
}
