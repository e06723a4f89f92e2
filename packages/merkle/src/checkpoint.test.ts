import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatCheckpoint, parseCheckpoint } from './index.ts';

const form = 'example.com/log\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

test('three lines: origin, size, root in base64', () => {
  const checkpoint = parseCheckpoint(form);
  assert.equal(checkpoint?.origin, 'example.com/log');
  assert.equal(checkpoint.size, 20_852_163);
  assert.equal(formatCheckpoint(checkpoint), form);
});

test('a checkpoint comes back from its text', () => {
  const checkpoints = fc.record(
    {
      origin: fc.string({ unit: 'grapheme', minLength: 1 }).filter((origin) => !/\p{Cc}/u.test(origin)),
      size: fc.maxSafeInteger().map(Math.abs),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(checkpoints, (checkpoint) => {
      assert.deepEqual(parseCheckpoint(formatCheckpoint(checkpoint)), checkpoint);
    }),
  );
});

test('every other text is refused', () => {
  for (const text of [
    '',
    form.slice(0, -1),
    `${form}extension\n`,
    `${form}\n`,
    form.replace('20852163', '020852163'),
    form.replace('20852163', '-1'),
    form.replace('20852163', '2e3'),
    form.replace('20852163', '9007199254740992'),
    form.replace('2I=', '2J='),
    form.replace('2I=', '2I'),
    form.replace('example.com/log', ''),
    form.replace('example.com/log', 'a\tb'),
    form.replace('example.com/log', '\ud800'),
    form.replaceAll('\n', '\r\n'),
  ]) {
    assert.equal(parseCheckpoint(text), undefined, JSON.stringify(text));
  }
});

test('what no checkpoint can say is a fault of the caller', () => {
  const root = new Uint8Array(32);
  assert.throws(() => formatCheckpoint({ origin: 'a\nb', size: 1, root }), RangeError);
  assert.throws(() => formatCheckpoint({ origin: '', size: 1, root }), RangeError);
  assert.throws(() => formatCheckpoint({ origin: 'a', size: -1, root }), RangeError);
  assert.throws(() => formatCheckpoint({ origin: 'a', size: 1, root: root.subarray(1) }), RangeError);
});
