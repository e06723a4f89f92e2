import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { projectFields } from './audit-fields.ts';

const projection = {
  plain: (value: unknown) => `plain ${JSON.stringify(value)}`,
  commit: (field: string) => `commit ${field}`,
  hmac: (field: string) => `hmac ${field}`,
};
const classes = { a: 'plain', b: 'commit', c: 'hmac', d: 'never' } as const;

test('the declared class decides what is logged', () => {
  assert.deepEqual(projectFields(classes, { a: 1, b: 2, c: 3, d: 4 }, projection), {
    a: 'plain 1',
    b: 'commit b',
    c: 'hmac c',
  });
});

test('a field that was not sent leaves no trace, and neither does one that is never logged', () => {
  assert.deepEqual(projectFields(classes, { a: undefined, d: 'canary' }, projection), {});
});

test('a field that nobody declared is refused, with its name and not its value', () => {
  for (const field of ['e', 'toString', 'constructor']) {
    assert.throws(
      () => projectFields(classes, { [field]: 'canary' }, projection),
      (error: Error) => error.message.includes(field) && !error.message.includes('canary'),
    );
  }
});

test('only plain values are readable in what is logged', () => {
  const canary = 'canary7f3a';
  fc.assert(
    fc.property(fc.subarray(['b', 'c', 'd']), (fields) => {
      const values = Object.fromEntries(fields.map((field) => [field, canary]));
      assert.ok(!JSON.stringify(projectFields(classes, values, projection)).includes(canary));
    }),
  );
});
