import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import { BundleReader, bundleFramesMax, decodeBundle, encodeBundle } from './bundle.ts';

const frame = fc.uint8Array({ maxLength: 40 });
const frames = fc.array(frame, { minLength: 1, maxLength: bundleFramesMax });
const plain = (all: readonly Uint8Array[]) => all.map((each) => [...each]);

test('a bundle is what was put together, whatever its frames hold', () => {
  fc.assert(
    fc.property(frames, (all) => {
      assert.deepEqual(plain(decodeBundle(encodeBundle(all))), plain(all));
    }),
  );
});

test('it is read the same in whatever pieces it arrives', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat({ max: 30 }), { maxLength: 200 }), (all, sizes) => {
      const bytes = encodeBundle(all);
      const reader = new BundleReader(64);
      const found: number[][] = [];
      let at = 0;
      for (const size of [...sizes, bytes.length]) {
        const piece = bytes.subarray(at, at + size);
        at += piece.length;
        for (const { number, frame: read } of reader.read(piece)) {
          assert.equal(number, found.length);
          found.push([...read]);
        }
      }
      assert.deepEqual(found, plain(all));
      assert.equal(reader.isInside, false);
    }),
  );
});

test('any other bytes are frames or a coded refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        assert.deepEqual([...encodeBundle(decodeBundle(bytes))], [...bytes]);
      } catch (fault) {
        assert.ok(isStrongroomError(fault) && /^message-(malformed|too-large)$/.test(fault.code));
      }
    }),
  );
});

test('numbers that do not count from zero, a rest, no frame and too many frames are refused', () => {
  const refused = (bytes: Uint8Array, code: string) =>
    assert.throws(
      () => decodeBundle(bytes),
      (fault) => isStrongroomError(fault) && fault.code === code,
    );
  const one = encodeBundle([Uint8Array.of(7)]);
  refused(new Uint8Array(0), 'message-malformed');
  refused(Buffer.concat([one, one]), 'message-malformed');
  refused(one.subarray(0, 6), 'message-malformed');
  refused(
    encodeBundle(Array.from({ length: bundleFramesMax + 1 }, () => new Uint8Array(1))),
    'message-too-large',
  );
});

test('a reader keeps no more than one frame', () => {
  const reader = new BundleReader(8);
  assert.throws(() => [...reader.read(encodeBundle([new Uint8Array(9)]))], /larger/);
});
