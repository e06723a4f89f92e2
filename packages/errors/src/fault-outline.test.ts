import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlineFault } from './fault-outline.ts';
import { StrongroomError } from './strongroom-error.ts';

const canary = 'canary-77f1';
const told = (fault: unknown) => JSON.stringify(outlineFault(fault));

test('a fault is told by class, code and place, through its causes', () => {
  const foreign = Object.assign(new RangeError(`value ${canary}`), {
    code: 'ERR_OUT_OF_RANGE',
    value: canary,
  });
  const outline = outlineFault(new StrongroomError('internal', { detail: 'the field', cause: foreign }));
  assert.equal(outline.class, 'StrongroomError');
  assert.equal(outline.code, 'internal');
  assert.equal(outline.detail, 'the field');
  assert.equal(outline.cause?.class, 'RangeError');
  assert.equal(outline.cause?.code, 'ERR_OUT_OF_RANGE');
  assert.match(outline.at?.[0] ?? '', /fault-outline\.test\.ts:\d+:\d+/);
  assert.ok(!JSON.stringify(outline).includes(canary));
});

test('no text of a message gets through, however it is written', () => {
  const messages = [
    canary,
    `\n    at ${canary} (file:///x.ts:1:1)`,
    `x\n    at file:///${canary}.ts:1:1\n    at more (node:internal:1:1)`,
    `at ${canary}:1:1`,
  ];
  for (const message of messages) {
    const renamed = Object.assign(new Error('other'), { name: message });
    const rewritten = new Error('other');
    rewritten.message = message;
    const replaced = new Error('other');
    replaced.stack = message.replace('file:', 'http:');
    for (const fault of [
      new Error(message),
      new TypeError('x', { cause: message }),
      renamed,
      rewritten,
      replaced,
      message,
    ]) {
      assert.ok(!told(fault).includes(canary), told(fault));
    }
  }
});

test('a parser that quotes its input does not quote it here', () => {
  for (const parse of [
    () => JSON.parse(`{"pin": ${canary}`),
    () => new URL(`:${canary}`),
    () => decodeURIComponent(`%${canary}`),
  ]) {
    let fault: unknown;
    try {
      parse();
    } catch (thrown) {
      fault = thrown;
    }
    assert.ok(fault instanceof Error);
    assert.ok(!told(fault).includes(canary));
  }
});

test('many errors are told by the first of them, and a ring of causes ends', () => {
  const many = new AggregateError(
    Array.from({ length: 9 }, () => Object.assign(new Error(canary), { code: 'ECONNREFUSED' })),
  );
  assert.equal(outlineFault(many).errors?.length, 3);
  assert.equal(outlineFault(many).errors?.[0]?.code, 'ECONNREFUSED');
  const ring = new Error('a');
  ring.cause = ring;
  assert.ok(told(ring).length < 20_000);
});

test('what is no error at all is told by its type', () => {
  for (const [fault, name] of [
    [canary, 'string'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ canary }, 'object'],
    [7, 'number'],
  ] as const) {
    assert.deepEqual(outlineFault(fault), { class: name });
  }
});
