import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collect } from '../../testing/test-export.ts';
import { lineCharactersMax } from './bundle.ts';
import { splitLines } from './split-lines.ts';

async function* chunks(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const split = (...parts: readonly (string | Uint8Array)[]) =>
  collect(splitLines(chunks(parts.map((part) => Buffer.from(part)))));

test('lines come out as they went in, however the bytes are cut', async () => {
  const line = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\n'));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 7 }), async (lines, width) => {
      const content = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const parts = Array.from({ length: Math.ceil(content.length / width) }, (_, at) =>
        content.subarray(at * width, (at + 1) * width),
      );
      assert.deepEqual(await split(...parts), lines);
    }),
  );
});

test('only a line feed ends a line', async () => {
  assert.deepEqual(await split('a\rb\u2028c\n'), ['a\rb\u2028c']);
  assert.deepEqual(await split('a\r\nb\n'), ['a\r', 'b']);
});

test('a line without an end, or of other bytes than UTF-8, is no line of a bundle', async () => {
  assert.deepEqual(await split('a\n{"b":1}'), ['a', '{"b":1} without a line end']);
  assert.deepEqual(await split(Buffer.from('{"a":"\xff"}\n', 'latin1')), ['{"a":"\0"}']);
  assert.deepEqual(await split('{"a":"\ufffd"}\n'), ['{"a":"\ufffd"}']);
});

test('an endless line takes no endless memory', async () => {
  const [line] = await split(...Array.from({ length: 20 }, () => 'x'.repeat(lineCharactersMax)));
  assert.ok(line !== undefined && line.length > lineCharactersMax && line.length < 5 * lineCharactersMax);
});
