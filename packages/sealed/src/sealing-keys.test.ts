import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { LogKeyStatement, SealingKeyStatement, SealingKeys, Statement } from '@strongroom/contracts';
import fc from 'fast-check';
import { coded, flipBit, startMs } from '../test/parties.ts';
import { ed25519RawPublicKey, ed25519Sign } from './ed25519.ts';
import { verifySealingKeys } from './sealing-keys.ts';
import { identityFingerprint, signStatement, verifyStatement } from './statement.ts';

const identity = generateKeyPairSync('ed25519').privateKey;
const identityKey = ed25519RawPublicKey(identity);
const pin = { identityFingerprint: identityFingerprint(identityKey), tenant: 'default', pool: 'default' };
const day = 86_400_000;
const at = (offsetMs: number) => new Date(startMs + offsetMs).toISOString();

function statement(epoch: number, change: Partial<SealingKeyStatement> = {}): SealingKeyStatement {
  return {
    type: 'strongroom.sealing-key/1',
    tenant: 'default',
    pool: 'default',
    epoch,
    keyId: epoch % 256,
    publicKey: encodeBytes(new Uint8Array(32).fill(epoch)),
    notBefore: at(-day),
    notAfter: at(day),
    ...change,
  };
}

const signed = <Kind extends Statement>(of: Kind) => signStatement(of, (hash) => ed25519Sign(identity, hash));
const answer = (...statements: readonly Statement[]): SealingKeys => ({
  identity: encodeBytes(identityKey),
  keys: statements.map(signed),
  registrySequence: 0,
});

test('the newest key in force is taken', () => {
  const keys = answer(statement(3), statement(5), statement(4), statement(6, { notBefore: at(1) }));
  const key = verifySealingKeys(keys, pin, startMs);
  assert.equal(key.epoch, 5);
  assert.equal(key.keyId, 5);
  assert.deepEqual(key.publicKey, new Uint8Array(32).fill(5));
  assert.equal(key.notAfterMs, startMs + day);
  assert.equal(key.identity, encodeBytes(identityKey));
});

test('a key that is not in force, or not for this pool, is none', () => {
  for (const change of [
    { notBefore: at(1) },
    { notAfter: at(0) },
    { tenant: 'other' },
    { pool: 'other' },
    { keyId: 9 },
  ]) {
    assert.throws(
      () => verifySealingKeys(answer(statement(3, change)), pin, startMs),
      coded('sealing-key-unknown'),
    );
  }
});

test('another identity is a mismatch, whatever it signed', () => {
  const other = { ...pin, identityFingerprint: identityFingerprint(new Uint8Array(32)) };
  assert.throws(() => verifySealingKeys(answer(statement(3)), other, startMs), coded('identity-mismatch'));
});

test('a statement that was changed, exchanged or never signed discredits the answer', () => {
  const good = answer(statement(3), statement(4));
  const [first, second] = good.keys;
  assert.ok(first && second);
  const logKey: LogKeyStatement = {
    type: 'strongroom.log-key/1',
    origin: 'test',
    publicKey: encodeBytes(identityKey),
    notBefore: at(0),
  };
  for (const keys of [
    [{ ...first, statement: statement(9) }],
    [{ ...first, signature: second.signature }],
    [first, { ...second, signature: encodeBytes(new Uint8Array(64)) }],
    [signed(logKey)],
  ]) {
    assert.throws(() => verifySealingKeys({ ...good, keys }, pin, startMs), coded('identity-mismatch'));
  }
});

test('every flipped bit of a signature is refused', () => {
  const one = signed(statement(3));
  const signature = Buffer.from(one.signature, 'base64url');
  fc.assert(
    fc.property(fc.nat({ max: 511 }), (bit) => {
      const flipped = { ...one, signature: encodeBytes(flipBit(signature, bit)) };
      assert.ok(!verifyStatement(identityKey, flipped));
    }),
    { numRuns: 40 },
  );
});

test('spare bits in base64url are refused, not ignored', () => {
  const good = answer(statement(3));
  const [first] = good.keys;
  assert.ok(first);
  const last = first.signature.slice(0, -1);
  const spare = ['B', 'R', 'h', 'x'].map((end) => last + end).find((text) => text !== first.signature);
  assert.ok(spare);
  const keys = [{ ...first, signature: spare }];
  assert.throws(() => verifySealingKeys({ ...good, keys }, pin, startMs), coded('identity-mismatch'));
});

test('any answer is keys or a coded refusal', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (any) => {
      assert.throws(() => verifySealingKeys(any, pin, startMs), coded('identity-mismatch'));
    }),
  );
});
