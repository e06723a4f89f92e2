/** Test vectors that others published, as `test/golden` holds them: each file names its source, its licence and what was chosen. */
import { readFileSync } from 'node:fs';

export type Vector<Fields extends string> = Readonly<Record<Fields | 'comment', string>> & {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid';
};

export function publishedVectors<Each extends Vector<never>>(name: string): readonly Each[] {
  return JSON.parse(readFileSync(new URL(`../test/golden/${name}`, import.meta.url), 'utf8')).tests;
}

export const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
