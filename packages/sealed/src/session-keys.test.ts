import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  deriveSessionKeys,
  openSessionReply,
  openSessionRequest,
  sealSessionReply,
  sealSessionRequest,
} from './session-keys.ts';

const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
const keys = deriveSessionKeys(secret, Buffer.from('ticket'));
const head = Buffer.from('head');
const counter = fc.maxSafeNat();

test('what was sealed opens, both ways', () => {
  fc.assert(
    fc.property(counter, fc.uint8Array(), fc.uint8Array(), (count, associated, plaintext) => {
      const request = Buffer.concat(sealSessionRequest(keys, count, associated, plaintext));
      assert.deepEqual(openSessionRequest(keys, count, associated, request), Buffer.from(plaintext));
      const reply = Buffer.concat(sealSessionReply(keys, count, associated, plaintext));
      assert.deepEqual(openSessionReply(keys, count, associated, reply), Buffer.from(plaintext));
    }),
  );
});

test('the head and the counter are bound to request and reply', () => {
  const request = Buffer.concat(sealSessionRequest(keys, 3, head, Buffer.from('x')));
  const reply = Buffer.concat(sealSessionReply(keys, 3, head, Buffer.from('x')));
  for (const [otherCounter, otherHead] of [
    [3, Buffer.from('heaD')],
    [3, Buffer.alloc(0)],
    [4, head],
    [3 + 2 ** 32, head],
  ] as const) {
    assert.equal(openSessionRequest(keys, otherCounter, otherHead, request), undefined);
    assert.equal(openSessionReply(keys, otherCounter, otherHead, reply), undefined);
  }
});

test('another secret, another ticket and the other direction have other keys', () => {
  const request = Buffer.concat(sealSessionRequest(keys, 0, head, Buffer.from('x')));
  for (const others of [
    deriveSessionKeys(
      Uint8Array.from(secret, (octet) => octet ^ 1),
      Buffer.from('ticket'),
    ),
    deriveSessionKeys(secret, Buffer.from('another ticket')),
    { request: keys.reply, reply: keys.request },
  ]) {
    assert.equal(openSessionRequest(others, 0, head, request), undefined);
  }
});

test('two replies to one request are encrypted under two nonces', () => {
  const plaintext = Buffer.alloc(64);
  const bodies = [1, 2].map(() => Buffer.concat(sealSessionReply(keys, 9, head, plaintext)));
  const [first, second] = bodies;
  assert.ok(first && second);
  assert.notDeepEqual(first.subarray(0, 12), second.subarray(0, 12));
  // With one nonce the key streams, here the ciphertexts of zeroes, would be the same.
  assert.notDeepEqual(first.subarray(12, 76), second.subarray(12, 76));
});

test('no nonce of a thousand replies comes twice', () => {
  const drawn = Array.from({ length: 1_000 }, () =>
    Buffer.from(sealSessionReply(keys, 0, head, head)[0] ?? []).toString('hex'),
  );
  assert.equal(new Set(drawn).size, drawn.length);
});

test('any body is opened or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (body) => {
      assert.equal(openSessionRequest(keys, 0, head, body), undefined);
      assert.equal(openSessionReply(keys, 0, head, body), undefined);
    }),
  );
});
