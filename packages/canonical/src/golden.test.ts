/** The byte forms of this release. They never change: signatures and MACs that exist hang on them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CanonicalError, canonicalBytes, decodeBytes, digest, encodeBytes, parseCanonical } from './index.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../test/golden/${name}.json`, import.meta.url), 'utf8'));

interface Accepted {
  readonly rule: string;
  readonly json: string;
  readonly canonical: string;
  readonly digest: string;
}
interface Refused {
  readonly rule: string;
  readonly bytes: string;
  readonly reason: string;
}

for (const row of read('accepted') as readonly Accepted[]) {
  test(`one byte form: ${row.rule}`, () => {
    const value = JSON.parse(row.json);
    assert.equal(encodeBytes(canonicalBytes(value)), row.canonical);
    assert.deepEqual(parseCanonical(decodeBytes(row.canonical)), value);
    assert.equal(encodeBytes(digest('strongroom/golden/1', value)), row.digest);
  });
}

for (const row of read('refused') as readonly Refused[]) {
  test(`refused: ${row.rule}`, () => {
    assert.throws(
      () => parseCanonical(decodeBytes(row.bytes)),
      (error) => error instanceof CanonicalError && error.reason === row.reason,
    );
  });
}
