import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coded } from '../test/parties.ts';
import { decodeFrame, encodeFrame, frameBytesMax, frameHeaderBytesMax, frameKind } from './frame.ts';

const kind = fc.constantFrom(...Object.values(frameKind));
const header = fc.string({ unit: 'grapheme', maxLength: 200 });

test('what was encoded is decoded', () => {
  fc.assert(
    fc.property(kind, header, fc.uint8Array(), (frameKindOf, text, body) => {
      const frame = decodeFrame(encodeFrame(frameKindOf, text, body));
      assert.equal(frame.kind, frameKindOf);
      assert.equal(Buffer.from(frame.header).toString(), text);
      assert.deepEqual(Uint8Array.from(frame.body), body);
      assert.equal(frame.head.length, frame.header.length + 4);
    }),
  );
});

test('any bytes are a frame or a coded refusal', () => {
  const start = fc.tuple(
    fc.constantFrom(1, 0, 2, 255),
    fc.constantFrom(1, 2, 129, 130, 144, 0, 3),
    fc.constantFrom(0, 16, 17, 255),
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 64 }), (prefix, rest) => {
      const bytes = Uint8Array.of(...prefix, ...rest);
      try {
        const { head, header: text, body } = decodeFrame(bytes);
        assert.equal(head.length + body.length, bytes.length);
        assert.equal(text.length, head.length - 4);
      } catch (error) {
        coded('message-malformed', 'message-too-large')(error);
      }
    }),
  );
});

test('a frame has bounds in both directions', () => {
  const tooLong = 'x'.repeat(frameHeaderBytesMax + 1);
  assert.throws(() => encodeFrame(frameKind.refusal, tooLong, new Uint8Array()), coded('message-too-large'));
  const tooLarge = new Uint8Array(frameBytesMax);
  assert.throws(() => encodeFrame(frameKind.refusal, '', tooLarge), coded('message-too-large'));
  assert.throws(() => decodeFrame(new Uint8Array(frameBytesMax + 1)), coded('message-too-large'));
  assert.throws(() => decodeFrame(Uint8Array.of(1, 1, 255, 255)), coded('message-too-large'));
  assert.equal(decodeFrame(encodeFrame(frameKind.refusal, '', new Uint8Array(frameBytesMax - 4))).kind, 144);
});

test('another version or kind is no frame of ours', () => {
  for (const bytes of [[2, 1, 0, 0], [1, 3, 0, 0], [1, 1, 0], [], [1, 1, 0, 2, 123]]) {
    assert.throws(() => decodeFrame(Uint8Array.from(bytes)), coded('message-malformed'));
  }
});
