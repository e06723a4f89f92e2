/**
 * Passwords by a recipe. Every text that the recipe allows is equally likely: characters are drawn from the whole alphabet
 * and a text that misses a class is thrown away, never mended. So the entropy is the logarithm of how many there are.
 */
import type { PasswordRecipe } from '@strongroom/contracts';

const alphabets = Object.freeze({
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  /** None that a shell, a URL or a connection string needs quoted in most places. */
  symbols: '!#%*+,-./:=?@^_~',
});
const lookAlikes = /[0O1lI|]/g;

export interface CharacterClass {
  readonly characters: string;
  readonly min: number;
}

export function classesOf({ classes, omitsLookAlikes }: PasswordRecipe): readonly CharacterClass[] {
  return (['lower', 'upper', 'digits', 'symbols'] as const).flatMap((name) => {
    const min = classes[name];
    if (min === undefined) return [];
    const characters =
      omitsLookAlikes === true ? alphabets[name].replaceAll(lookAlikes, '') : alphabets[name];
    return [{ characters, min }];
  });
}

/** Texts of this length with enough of each class: counted class by class, by how many places it takes. */
export function countPasswords(length: number, classes: readonly CharacterClass[]): bigint {
  let ways: bigint[] = [1n, ...Array<bigint>(length).fill(0n)];
  for (const { characters, min } of classes) {
    const size = BigInt(characters.length);
    ways = ways.map((_, total) => {
      let sum = 0n;
      for (let taken = min; taken <= total; taken += 1) {
        const before = ways[total - taken] as bigint;
        if (before !== 0n) sum += before * choose(length - total + taken, taken) * size ** BigInt(taken);
      }
      return sum;
    });
  }
  return ways[length] as bigint;
}

/** Whole bits, rounded down. */
export const bitsOf = (count: bigint): number => (count < 1n ? 0 : count.toString(2).length - 1);

/** How many draws it takes on average to meet the recipe, rounded up; `undefined` where none can. */
export function drawsNeeded(length: number, classes: readonly CharacterClass[]): number | undefined {
  const allowed = countPasswords(length, classes);
  if (allowed === 0n) return undefined;
  const size = BigInt(classes.reduce((sum, { characters }) => sum + characters.length, 0));
  return Number(size ** BigInt(length) / allowed) + 1;
}

export function meetsRecipe(text: Uint8Array, classes: readonly CharacterClass[]): boolean {
  return classes.every(({ characters, min }) => {
    let found = 0;
    for (const byte of text) if (characters.includes(String.fromCharCode(byte))) found += 1;
    return found >= min;
  });
}

function choose(from: number, taken: number): bigint {
  let result = 1n;
  for (let each = 1; each <= taken; each += 1) result = (result * BigInt(from - taken + each)) / BigInt(each);
  return result;
}
