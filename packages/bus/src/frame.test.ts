import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, type Frame, type FrameRecord } from './frame.ts';
import { batchRecordsMax, deadlineMsMax, recordBytesMax } from './limits.ts';

const id = fc.integer({ min: 0, max: 0xffff_ffff });
const payload = fc.uint8Array({ maxLength: 300 });
const sentAt = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const request = fc.record<FrameRecord>({
  id,
  kind: fc.constant('request' as const),
  remainingMs: fc.integer({ min: 1, max: deadlineMsMax }),
  bytes: payload,
});
const answer = fc.record<FrameRecord>({
  id,
  kind: fc.constantFrom('reply' as const, 'error' as const, 'sign' as const),
  remainingMs: fc.constant(0),
  bytes: payload,
});
const many = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { minLength: 1, maxLength: batchRecordsMax });

const plain = (frame: unknown) => {
  assert.ok(typeof frame === 'object', String(frame));
  const { sentAtMs, records } = frame as Frame;
  return { sentAtMs, records: records.map((record) => ({ ...record, bytes: [...record.bytes] })) };
};

test('a frame decodes to what was encoded, in its own direction only', () => {
  fc.assert(
    fc.property(fc.oneof(many(request), many(answer)), sentAt, (records, sentAtMs) => {
      const isRequests = records[0]?.kind === 'request';
      const bytes = encodeFrame(records, sentAtMs);
      assert.deepEqual(
        plain(decodeFrame(bytes, isRequests ? 'requests' : 'answers')),
        plain({ sentAtMs, records }),
      );
      assert.equal(decodeFrame(bytes, isRequests ? 'answers' : 'requests'), 'kind');
    }),
  );
});

test('no bytes crash the decoder, and what it takes is the one encoding of what it gives', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.uint8Array({ maxLength: 400 }).map((tail) => Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, ...tail)),
  );
  fc.assert(
    fc.property(hostile, fc.constantFrom('requests' as const, 'answers' as const), (bytes, holds) => {
      const frame = decodeFrame(bytes, holds);
      if (typeof frame !== 'string') {
        assert.deepEqual([...encodeFrame(frame.records, frame.sentAtMs)], [...bytes]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('no cut, no extension and no flipped bit of a frame turns into records that were not sent', () => {
  fc.assert(
    fc.property(many(request), fc.nat(), fc.nat(7), (records, place, bit) => {
      const bytes = encodeFrame(records, 1);
      const at = place % bytes.length;
      assert.equal(typeof decodeFrame(bytes.subarray(0, at), 'requests'), 'string');
      assert.equal(decodeFrame(Buffer.concat([bytes, Buffer.of(0)]), 'requests'), 'trailing');
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << bit);
      const frame = decodeFrame(flipped, 'requests');
      if (typeof frame !== 'string') {
        assert.deepEqual([...encodeFrame(frame.records, frame.sentAtMs)], [...flipped]);
      }
    }),
  );
});

test('each rule has its name', () => {
  const good = encodeFrame([{ id: 7, kind: 'request', remainingMs: 5, bytes: Buffer.from('x') }], 3);
  const changed = (at: number, ...values: number[]) => {
    const bytes = Uint8Array.from(good);
    bytes.set(values, at);
    return decodeFrame(bytes, 'requests');
  };
  assert.equal(changed(0, 2), 'version');
  assert.equal(changed(1, 0, 0), 'count');
  assert.equal(changed(1, 0, batchRecordsMax + 1), 'count');
  assert.equal(changed(1, 0, 2), 'truncated');
  assert.equal(changed(3, 0xff), 'time');
  assert.equal(changed(15, 0), 'kind');
  assert.equal(changed(15, 9), 'kind');
  assert.equal(changed(16, 0, 0, 0, 0), 'deadline');
  assert.equal(changed(16, 0xff), 'deadline');
  assert.equal(changed(20, 0, 0, 0, 2), 'length');
  assert.equal(changed(20, 0xff, 0xff, 0xff, 0xff), 'length');
  assert.equal(changed(20, 0, 0, 0, 0), 'trailing');
  assert.equal(decodeFrame(new Uint8Array(), 'requests'), 'truncated');
});

test('a length field allocates nothing, and a record of the largest size passes', () => {
  const bytes = encodeFrame(
    [{ id: 1, kind: 'reply', remainingMs: 0, bytes: new Uint8Array(recordBytesMax) }],
    0,
  );
  const frame = decodeFrame(bytes, 'answers') as Frame;
  assert.equal(frame.records[0]?.bytes.buffer, bytes.buffer);
});
