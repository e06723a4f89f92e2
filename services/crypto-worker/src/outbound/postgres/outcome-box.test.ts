import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutcomeBox } from './outcome-box.ts';

const key = new Uint8Array(32).fill(1);
const box = new OutcomeBox('default', key);
const outcome = { actor: 'app:a', requestId: 'r1', requestHash: 'h', reply: Buffer.from('the reply') };
const sealed = box.close(outcome, '2030-01-02T00:00:00.000Z');

test('an outcome opens as it was closed, whatever the reply', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (reply) => {
      const opened = box.open(box.close({ ...outcome, reply }, sealed.expiresAt));
      assert.deepEqual(opened && { ...opened, reply: new Uint8Array(opened.reply) }, { ...outcome, reply });
    }),
  );
});

test('what is stored does not show the reply', () => {
  assert.ok(!Buffer.from(sealed.sealedReply).includes('reply'));
});

test('an edited, swapped or kept-alive outcome does not open', () => {
  for (const [field, value] of Object.entries({
    actor: 'app:b',
    requestId: 'r2',
    requestHash: 'other',
    expiresAt: '2040-01-02T00:00:00.000Z',
  }))
    assert.equal(box.open({ ...sealed, [field]: value }), undefined, field);
  assert.equal(new OutcomeBox('other', key).open(sealed), undefined);
  assert.equal(new OutcomeBox('default', new Uint8Array(32)).open(sealed), undefined);
});

test('no flipped bit and no cut opens', () => {
  fc.assert(
    fc.property(fc.nat(sealed.sealedReply.length - 1), fc.nat(7), (at, bit) => {
      const flipped = Uint8Array.from(sealed.sealedReply);
      flipped[at] = (flipped[at] as number) ^ (1 << bit);
      assert.equal(box.open({ ...sealed, sealedReply: flipped }), undefined);
      assert.equal(box.open({ ...sealed, sealedReply: sealed.sealedReply.subarray(0, at) }), undefined);
    }),
  );
});
