import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  canonicalText,
  parseCanonical,
  parseJson,
} from './canonical-json.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const refusedFor = (reason: string) => (error: unknown) =>
  error instanceof CanonicalError && error.reason === reason;

/** Every value of the subset that stays below the depth limit. */
const canonicalValue: fc.Arbitrary<CanonicalValue> = fc.letrec<{ value: CanonicalValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger().map((integer) => integer + 0),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
})).value;

test('a value comes back from its bytes', () => {
  fc.assert(
    fc.property(canonicalValue, (value) => {
      assert.deepEqual(parseCanonical(canonicalBytes(value)), value);
    }),
  );
});

test('bytes are accepted only if they are the form of what they say, and refused with a reason otherwise', () => {
  const likely = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json({ maxDepth: 6 }).map(bytesOf),
    fc.stringMatching(/^[[\]{}",:0-9a\\eu.\- tn]{0,40}$/).map(bytesOf),
  );
  fc.assert(
    fc.property(likely, (bytes) => {
      let value: CanonicalValue;
      try {
        value = parseCanonical(bytes);
      } catch (error) {
        assert.ok(error instanceof CanonicalError && error.reason.length > 0);
        return;
      }
      assert.deepEqual(canonicalBytes(value), bytes);
    }),
    { numRuns: 1_000 },
  );
});

test('one flipped bit never leaves the same value', () => {
  fc.assert(
    fc.property(canonicalValue, fc.nat(), fc.nat(7), (value, at, bit) => {
      const bytes = canonicalBytes(value);
      const place = at % bytes.length;
      const flipped = Uint8Array.from(bytes, (octet, index) =>
        index === place ? octet ^ (1 << bit) : octet,
      );
      try {
        assert.notDeepEqual(parseCanonical(flipped), value);
      } catch (error) {
        if (!(error instanceof CanonicalError)) throw error;
      }
    }),
  );
});

test('members come in the order of UTF-16 code units whatever order and number they were made in', () => {
  const names = fc.uniqueArray(fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat(99).map(String)), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(names, (made) => {
      const accepted = made.filter((name) => name !== '__proto__');
      const object = Object.fromEntries(accepted.map((name) => [name, 1]));
      const expected = accepted
        .toSorted()
        .map((name) => `${JSON.stringify(name)}:1`)
        .join(',');
      assert.equal(canonicalText(object), `{${expected}}`);
    }),
  );
});

test('a member that is undefined is left out; one in an array is refused', () => {
  assert.equal(canonicalText({ b: 1, a: undefined }), '{"b":1}');
  assert.throws(() => canonicalText([undefined as never]), refusedFor('undefined'));
});

test('what is no plain value has no form', () => {
  class Point {
    readonly x = 1;
  }
  const refusedValues = [
    new Date(0),
    new Map(),
    Buffer.of(1),
    new Uint8Array(1),
    new Point(),
    /x/,
    new String(''),
  ];
  for (const value of refusedValues) {
    assert.throws(() => canonicalText({ value } as never), refusedFor('not a plain object'));
  }
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -0, 0.1, 2 ** 53]) {
    assert.throws(() => canonicalText({ value }), refusedFor('not a safe integer'));
  }
  assert.throws(() => canonicalText({ value: null } as never), refusedFor('null'));
  assert.throws(() => canonicalText({ value: 1n } as never), refusedFor('bigint'));
  assert.throws(() => canonicalText({ value: () => 1 } as never), refusedFor('function'));
  assert.throws(() => canonicalText(Symbol.iterator as never), refusedFor('symbol'));
  assert.throws(() => canonicalText({ toJSON: () => 1 } as never), refusedFor('function'));
});

test('an object without a prototype is plain', () => {
  assert.equal(canonicalText(Object.assign(Object.create(null), { a: 1 })), '{"a":1}');
});

test('__proto__ is refused both ways and never becomes a prototype', () => {
  const smuggled = JSON.parse('{"__proto__":{"admin":true}}');
  assert.throws(() => canonicalText(smuggled), refusedFor('a member named __proto__'));
  assert.throws(() => parseCanonical(bytesOf('{"__proto__":{"admin":true}}')), CanonicalError);
  assert.equal(({} as Record<string, unknown>)['admin'], undefined);
});

test('a cycle and a bomb of nesting end in a refusal', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  assert.throws(() => canonicalText(cycle as never), refusedFor('nested too deep'));
  const bomb = bytesOf('['.repeat(500_000) + ']'.repeat(500_000));
  assert.throws(() => parseCanonical(bomb), CanonicalError);
});

test('depth counts objects and arrays and the limit itself is accepted', () => {
  const nested = (depth: number) => bytesOf('['.repeat(depth) + ']'.repeat(depth));
  assert.ok(parseCanonical(nested(32)));
  assert.ok(parseCanonical(nested(3), { depthMax: 3 }));
  assert.throws(() => parseCanonical(nested(4), { depthMax: 3 }), refusedFor('nested too deep'));
  assert.equal(parseCanonical(bytesOf('1'), { depthMax: 0 }), 1);
});

test('input longer than the limit is refused before it is read', () => {
  assert.equal(parseCanonical(bytesOf('"abc"'), { bytesMax: 5 }), 'abc');
  assert.throws(() => parseCanonical(bytesOf('"abcd"'), { bytesMax: 5 }), refusedFor('too large'));
  assert.throws(() => parseCanonical(new Uint8Array(1_048_577)), refusedFor('too large'));
});

test('a refusal never repeats what was refused', () => {
  for (const text of ['{"canary":null}', '"canary', '{"canary":1.5}']) {
    assert.throws(
      () => parseCanonical(bytesOf(text)),
      (error: Error) => !String(error.stack).includes('canary"') && error.cause === undefined,
    );
  }
});

test('any JSON is parsed where its form does not matter, and nothing else', () => {
  const bytes = (text: string) => Buffer.from(text);
  assert.deepEqual(parseJson(bytes(' { "b" : 1, "a" : [ null, 1.5 ] } ')), { b: 1, a: [null, 1.5] });
  for (const [text, limits] of [
    ['{', {}],
    ['', {}],
    ['"\\ud800', {}],
    ['[1,2,3]', { bytesMax: 6 }],
  ] as const)
    assert.throws(() => parseJson(bytes(text), limits), CanonicalError);
  assert.throws(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)), CanonicalError);
});
