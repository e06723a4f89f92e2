import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBytes, encodeBytes, equalBytes } from './bytes.ts';
import { CanonicalError } from './canonical-json.ts';

test('RFC 4648 section 10, without padding and in the URL alphabet', () => {
  const vectors = {
    '': '',
    f: 'Zg',
    fo: 'Zm8',
    foo: 'Zm9v',
    foob: 'Zm9vYg',
    fooba: 'Zm9vYmE',
    foobar: 'Zm9vYmFy',
  };
  for (const [text, encoded] of Object.entries(vectors)) {
    assert.equal(encodeBytes(new TextEncoder().encode(text)), encoded);
    assert.deepEqual(decodeBytes(encoded), new TextEncoder().encode(text));
  }
  assert.equal(encodeBytes(Uint8Array.of(0xfb, 0xff)), '-_8');
});

test('bytes come back, from a view into a larger buffer too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(5), (bytes, offset) => {
      const around = new Uint8Array(bytes.length + 10);
      around.set(bytes, offset);
      assert.deepEqual(decodeBytes(encodeBytes(around.subarray(offset, offset + bytes.length))), bytes);
    }),
  );
});

test('a text is refused or is the one text of its bytes', () => {
  const likely = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[A-Za-z0-9+/_=-]{0,12}$/));
  fc.assert(
    fc.property(likely, (text) => {
      let bytes: Uint8Array;
      try {
        bytes = decodeBytes(text);
      } catch (error) {
        assert.ok(error instanceof CanonicalError);
        return;
      }
      assert.equal(encodeBytes(bytes), text);
    }),
    { numRuns: 500 },
  );
});

test('padding, the other alphabet, white space and set padding bits are refused', () => {
  for (const text of ['Zg==', 'Zh', 'Zm9', '+/8', 'Zm9v\n', ' Zg', 'A', 'AAAAA', 'Zg\u0000']) {
    assert.throws(() => decodeBytes(text), CanonicalError, text);
  }
});

test('decoded bytes share memory with nothing', () => {
  const bytes = decodeBytes('AAAA');
  assert.equal(bytes.buffer.byteLength, 3);
  assert.equal(bytes.constructor, Uint8Array);
});

test('comparison tells lengths and octets apart', () => {
  assert.ok(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
  assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  assert.ok(!equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)));
});
