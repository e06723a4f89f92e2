import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditConditions, AuditFilter, type Entry, makeChecker } from '@strongroom/contracts';
import fc from 'fast-check';
import { bodyOf } from '../../testing/test-export.ts';
import { matchesFilter } from '../verify/matches-filter.ts';
import { FilterError } from './lexer.ts';
import { alternativesMax, parseFilter } from './parse-filter.ts';

const nowMs = Date.parse('2030-01-31T12:00:00.000Z');
const parse = (text: string, common?: AuditFilter) =>
  parseFilter(text, { nowMs, ...(common === undefined ? {} : { common }) });
const { check } = makeChecker(AuditFilter);

test('conditions that hold together are one filter without alternatives', () => {
  assert.deepEqual(parse('actor:user:alice action:secret.read AND outcome:done since:2030-01-01 until:1d'), {
    from: '2030-01-01T00:00:00.000Z',
    to: '2030-01-30T12:00:00.000Z',
    actor: 'user:alice',
    operation: 'secret.read',
    outcome: 'done',
  });
});

test('brackets are multiplied out', () => {
  assert.deepEqual(parse('actor:app:* AND (action:kms.unwrap OR outcome:refused) since:90d'), {
    from: '2029-11-02T12:00:00.000Z',
    anyOf: [
      { actor: 'app:*', operation: 'kms.unwrap' },
      { actor: 'app:*', outcome: 'refused' },
    ],
  });
  assert.deepEqual(parse('(key:a/k OR secret:a/s) (cluster:east OR cluster:west)').anyOf?.length, 4);
});

test('AND binds tighter than OR', () => {
  assert.deepEqual(parse('actor:user:a OR actor:user:b outcome:refused').anyOf, [
    { actor: 'user:a' },
    { actor: 'user:b', outcome: 'refused' },
  ]);
});

test('a value may be quoted', () => {
  assert.deepEqual(parse('secret:"default/a" AND actor:"user:b"'), { secret: 'default/a', actor: 'user:b' });
  assert.throws(() => parse('secret:"default/a \\"b\\""'), /<group>/);
});

test('options hold besides', () => {
  assert.deepEqual(
    parse('outcome:refused OR action:key.*', { actor: 'user:a', from: '2030-01-01T00:00:00.000Z' }),
    {
      from: '2030-01-01T00:00:00.000Z',
      anyOf: [
        { outcome: 'refused', actor: 'user:a' },
        { operation: 'key.*', actor: 'user:a' },
      ],
    },
  );
});

test('what is wrong is said with its place', () => {
  const wrong: readonly [string, RegExp, number][] = [
    ['', /empty/, 0],
    ['   ', /empty/, 0],
    ['actor:user:a colour:red', /"colour" is no field/, 13],
    ['actor:user:a AND', /a condition .* is needed here/, 16],
    ['AND actor:user:a', /is needed here/, 0],
    ['actor:user:a OR OR actor:user:b', /is needed here/, 16],
    ['(actor:user:a', /never closed/, 0],
    ['actor:user:a)', /never opened/, 12],
    ['()', /is needed here/, 1],
    ['NOT outcome:done', /no NOT/, 0],
    ['alice', /"alice" is no condition/, 0],
    ['outcome:maybe', /one of intended, done/, 0],
    ['actor:', /needs a value/, 6],
    ['actor:""', /needs a value/, 8],
    ['actor:"user', /needs a value/, 6],
    ['key:kek', /<group>\/<name>/, 0],
    ['key:default/*', /\* stands at the end of an actor/, 12],
    ['actor:*:a', /\* stands at the end/, 8],
    ['request:1', /UUID/, 0],
    ['actor:user:a actor:user:b', /can not both hold/, 13],
    ['since:2030-02-31x', /needs a date/, 0],
    ['since:1d since:2d', /twice/, 9],
    ['actor:user:a OR since:1d', /outside of the OR/, 0],
    ['(actor:user:a since:1d) OR outcome:done', /outside of the OR/, 0],
    ['constructor:x', /no field/, 0],
  ];
  for (const [text, message, at] of wrong) {
    assert.throws(
      () => parse(text),
      (fault: unknown) => {
        assert.ok(fault instanceof FilterError, `${text}: ${String(fault)}`);
        assert.match(fault.message, message, text);
        assert.equal(fault.at, at, text);
        return true;
      },
    );
  }
  const error = new FilterError('wrong', 3);
  assert.equal(error.pointIn('ab cd'), 'wrong; character 4: ab  --> cd');
});

test('filters are bounded', () => {
  const either = (count: number) =>
    Array.from({ length: count }, (_, at) => `actor:user:u${at}`).join(' OR ');
  assert.equal(parse(either(alternativesMax)).anyOf?.length, alternativesMax);
  assert.throws(() => parse(either(alternativesMax + 1)), /more than 16/);
  const pairs = (field: string) => `(${field}:a/1 OR ${field}:a/2 OR ${field}:a/3)`;
  assert.throws(() => parse(`${pairs('key')} ${pairs('secret')} (cluster:a OR cluster:b)`), /more than 16/);
  assert.throws(() => parse(`${'('.repeat(17)}key:a/b${')'.repeat(17)}`), /16 deep/);
  assert.throws(() => parse(`actor:user:${'a'.repeat(5_000)}`), /4096 characters/);
});

/** A filter as people mean it, apart from how it is written and multiplied out. */
type Meaning =
  | { readonly is: AuditConditions }
  | { readonly all: readonly Meaning[] }
  | { readonly any: readonly Meaning[] };

const name = fc.constantFrom('a', 'b');
const condition: fc.Arbitrary<AuditConditions> = fc.oneof(
  fc.constantFrom('user:a', 'user:b', 'app:a', 'user:*', 'app:*').map((actor) => ({ actor })),
  fc.constantFrom('secret.read', 'key.rotate', 'secret.*').map((operation) => ({ operation })),
  fc.constantFrom('done' as const, 'refused' as const).map((outcome) => ({ outcome })),
  name.map((cluster) => ({ cluster })),
  name.map((namespace) => ({ namespace })),
  name.map((one) => ({ key: `g/${one}` })),
  name.map((one) => ({ secret: `g/${one}` })),
);
const { meaning } = fc.letrec<{ meaning: Meaning; leaf: Meaning }>((tie) => ({
  leaf: condition.map((is) => ({ is })),
  meaning: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('meaning'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('meaning'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
  ),
}));
const written: Readonly<Record<string, string>> = { operation: 'action' };
const textOf = (one: Meaning): string => {
  if ('all' in one) return `( ${one.all.map(textOf).join(' AND ')} )`;
  if ('any' in one) return `(${one.any.map(textOf).join(' OR ')})`;
  const [[field, value] = ['', '']] = Object.entries(one.is);
  return `${written[field] ?? field}:${/[ ()]/.test(value) ? JSON.stringify(value) : value}`;
};
const holds = (one: Meaning, entry: Entry): boolean => {
  if ('all' in one) return one.all.every((member) => holds(member, entry));
  if ('any' in one) return one.any.some((member) => holds(member, entry));
  return matchesFilter(entry, one.is);
};
const entry: fc.Arbitrary<Entry> = fc
  .record({
    id: fc.constantFrom('user:a', 'user:b', 'app:a'),
    operation: fc.constantFrom('secret.read', 'key.rotate', 'secret.list'),
    outcome: fc.constantFrom('done' as const, 'refused' as const),
    cluster: name,
    namespace: name,
    key: name,
    secret: name,
  })
  .map(({ id, operation, outcome, cluster, namespace, key, secret }) => ({
    body: bodyOf({
      operation,
      outcome,
      actor: { id, proof: 'key', cluster, namespace },
      objects: [
        { kind: 'key', group: 'g', name: key },
        { kind: 'secret', group: 'g', name: secret },
      ],
    }),
    placement: { at: '2030-01-01T00:00:00.000Z', actorSeq: 1, objectSeqs: [1, 1] },
  }));

test('a filter asks for exactly what it says, or is refused', () => {
  let parsed = 0;
  fc.assert(
    fc.property(meaning, fc.array(entry, { minLength: 1, maxLength: 8 }), (one, entries) => {
      let filter: AuditFilter;
      try {
        filter = parse(textOf(one));
      } catch (fault) {
        assert.ok(fault instanceof FilterError && /both hold|more than 16/.test(fault.message));
        return;
      }
      parsed += 1;
      assert.ok(check(filter), JSON.stringify(filter));
      for (const each of entries) assert.equal(matchesFilter(each, filter), holds(one, each), textOf(one));
    }),
    { numRuns: 600 },
  );
  assert.ok(parsed > 100, 'most of them are filters');
});

test('every text is a filter that fits the wire or is refused with a place in it', () => {
  const words = fc.constantFrom('actor:user:a', 'OR', 'AND', '(', ')', 'since:1d', 'key:', '"', ' ', 'x');
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        assert.ok(check(parse(text)));
      } catch (fault) {
        assert.ok(fault instanceof FilterError, String(fault));
        assert.ok(fault.at >= 0 && fault.at <= text.length);
      }
    }),
    { numRuns: 600 },
  );
});
