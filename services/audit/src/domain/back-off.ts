/** Doubles with each failure up to five minutes; half of it is left to chance, so that many do not come back at once. */
const firstMs = 500;
const longestMs = 300_000;

/** `chance`: from 0 to 1. */
export function backOffMs(failures: number, chance: number): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 20));
  return Math.round((fullMs / 2) * (1 + chance));
}
