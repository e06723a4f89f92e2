/** Random octets to equally likely indices: octets that would make some likelier than others are thrown away. */

/** Fills `into` as far as the octets last; answers how many were filled. */
export function fillIndices(random: Uint8Array, size: number, into: Uint8Array, from: number): number {
  const limit = 256 - (256 % size);
  let at = from;
  for (const byte of random) {
    if (at === into.length) break;
    if (byte >= limit) continue;
    into[at] = byte % size;
    at += 1;
  }
  return at;
}
