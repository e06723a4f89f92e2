import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDecryptRequest, checkEncryptAnswer, checkEncryptRequest, kmsLimits } from './kms-limits.ts';
import { ProviderStatus } from './provider-status.ts';

const bytes = (length: number) => new Uint8Array(length);

test('limits hold at the boundary and one beyond it', () => {
  const good = { ciphertext: bytes(1_024), keyId: 'k'.repeat(1_024), uid: 'u', annotations: {} };
  assert.deepEqual(checkDecryptRequest(good), []);
  assert.deepEqual(checkDecryptRequest({ ...good, ciphertext: bytes(1_025) }), ['ciphertext']);
  assert.deepEqual(checkDecryptRequest({ ...good, ciphertext: bytes(0) }), ['ciphertext']);
  assert.deepEqual(checkDecryptRequest({ ...good, keyId: '' }), ['key_id']);
  assert.deepEqual(checkDecryptRequest({ ...good, keyId: 'ä'.repeat(513) }), ['key_id']);
  assert.deepEqual(checkEncryptRequest({ plaintext: bytes(0), uid: '' }), ['plaintext']);
  assert.deepEqual(checkEncryptRequest({ plaintext: bytes(kmsLimits.plaintextBytesMax), uid: '' }), []);
});

test('annotation keys are DNS names of at least two labels', () => {
  const answer = (key: string, length = 1) =>
    checkEncryptAnswer({ ciphertext: bytes(1), keyId: 'k', annotations: { [key]: bytes(length) } });
  for (const key of ['a.b', 'key-version.strongroom.dev', 'a.b.']) assert.deepEqual(answer(key), [], key);
  for (const key of ['a', 'A.b', 'a_b.c', 'a/b.c', '-a.b', 'a..b', `${'x'.repeat(64)}.b`]) {
    assert.deepEqual(answer(key), ['annotations'], key);
  }
  assert.deepEqual(answer('a.b', 32 * 1_024), ['annotations']);
});

test('nothing is healthy before wrap and unwrap were proven', () => {
  const status = new ProviderStatus(1_000);
  assert.equal(status.answer(0).kind, 'error');
  status.prove({ keyId: 'k1', version: 1 });
  assert.deepEqual(status.answer(0), { kind: 'healthy', keyId: 'k1' });
});

test('a passing failure keeps key_id and health until the grace is over', () => {
  const status = new ProviderStatus(1_000);
  status.prove({ keyId: 'k1', version: 1 });
  status.fail('hsm-unavailable', 5_000);
  status.fail('worker-unavailable', 5_900);
  assert.deepEqual(status.answer(6_000), { kind: 'healthy', keyId: 'k1' });
  assert.deepEqual(status.answer(6_001), { kind: 'unhealthy', keyId: 'k1', cause: 'worker-unavailable' });
  status.prove({ keyId: 'k1', version: 1 });
  assert.equal(status.answer(6_002).kind, 'healthy');
});

test('a key that was taken away is an error at once, and an outage after it changes nothing', () => {
  const status = new ProviderStatus(60_000);
  status.prove({ keyId: 'k1', version: 1 });
  status.fail('key-suspended', 0);
  assert.deepEqual(status.answer(1), { kind: 'error', cause: 'key-suspended' });
  status.fail('worker-unavailable', 2);
  assert.deepEqual(status.answer(3), { kind: 'error', cause: 'key-suspended' });
});
