/** Arithmetic on tree sizes. They go up to 2^53 - 1, so the bit operators of the language, which take 32 bits, are out. */

export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

export function assertSize(value: number): void {
  if (!isSize(value)) throw new RangeError('a tree size is a safe integer from 0');
}

/** A leaf that a tree of `size` has; throws `RangeError` otherwise. */
export function assertLeaf(index: number, size: number): void {
  assertSize(size);
  if (!isSize(index) || index >= size) throw new RangeError('no such leaf in a tree of this size');
}

export const isOdd = (value: number): boolean => value % 2 === 1;
export const half = (value: number): number => Math.floor(value / 2);

/** Largest power of two below `size`, the `k` of RFC 6962 section 2.1; `size` from 2. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

export function isPowerOfTwo(value: number): boolean {
  let rest = value;
  while (rest > 1 && !isOdd(rest)) rest = half(rest);
  return rest === 1;
}
