import assert from 'node:assert/strict';
import { test } from 'node:test';
import { madeUpRepository, type Rule, thisRepository } from './repository.ts';

export interface Proof {
  /** Made-up files that break the rule: what is wrong with them → path → text. */
  readonly offenders: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Near misses, which the rule has to let pass. */
  readonly accepted: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Holds a rule against the repository, and proves on offenders that it can fail at all. */
export function provenRule(rule: Rule, { offenders, accepted }: Proof): void {
  test(rule.title, () => {
    const violations = rule.check(thisRepository());
    assert.deepEqual(
      violations.map(({ path, line, what }) => `${path}:${line} ${what}`),
      [],
    );
  });
  for (const [what, texts] of Object.entries(offenders)) {
    test(`${rule.title} — refused: ${what}`, () => {
      assert.notDeepEqual(rule.check(madeUpRepository(texts)), []);
    });
  }
  for (const [what, texts] of Object.entries(accepted)) {
    test(`${rule.title} — accepted: ${what}`, () => {
      assert.deepEqual(rule.check(madeUpRepository(texts)), []);
    });
  }
}
