/** Published notes of golang.org/x/mod/sumdb/note, the origin of the C2SP format, and what must not open. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { noteKeyId, noteVerifierKey, openNote, signedNote } from './index.ts';

const verifierKeys = {
  PeterNeumann: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  EnochRoot: 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop',
} as const;
const text =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const peter =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
const enoch =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=';

const keyOf = (verifierKey: string) =>
  new Uint8Array(Buffer.from(verifierKey.split('+').slice(2).join('+'), 'base64').subarray(1));
const verifierOf = (publicKey: Uint8Array) => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return (bytes: Uint8Array, signature: Uint8Array) => verify(null, bytes, key, signature);
};
const open = (note: string, name: keyof typeof verifierKeys) => {
  const publicKey = keyOf(verifierKeys[name]);
  return openNote(note, name, publicKey, verifierOf(publicKey));
};

test('published verifier keys are ours', () => {
  for (const [name, verifierKey] of Object.entries(verifierKeys)) {
    assert.equal(noteVerifierKey(name, keyOf(verifierKey)), verifierKey);
    assert.equal(Buffer.from(noteKeyId(name, keyOf(verifierKey))).toString('hex'), verifierKey.split('+')[1]);
  }
});

test('published notes open with one signature, with both, and with unknown ones beside', () => {
  const unknown = '— Elsewhere AAAAAbvDFfYlSqc=';
  assert.equal(open(`${text}\n${peter}\n`, 'PeterNeumann'), text);
  assert.equal(open(`${text}\n${peter}\n${enoch}\n`, 'EnochRoot'), text);
  assert.equal(open(`${text}\n${unknown}\n${enoch}\n`, 'EnochRoot'), text);
});

test('a note that the key did not sign does not open', () => {
  assert.equal(open(`${text}\n${peter}\n`, 'EnochRoot'), undefined);
  assert.equal(open(`${text}\n${peter.replace('x08go', 'rwz+e')}\n`, 'PeterNeumann'), undefined);
  assert.equal(open(`${text}\n${peter.replace('PeterNeumann', 'EnochRoot')}\n`, 'EnochRoot'), undefined);
  assert.equal(open(`${text}more\n\n${peter}\n`, 'PeterNeumann'), undefined);
});

test('a signature of the known key that fails refuses the note in spite of a good one', () => {
  const wrong = peter.replace('ZJkuBS9UG', 'ZJkuBS9UA');
  assert.equal(open(`${text}\n${peter}\n${wrong}\n`, 'PeterNeumann'), undefined);
});

test('one form: other line ends, controls, missing newlines and lenient base64 are refused', () => {
  for (const note of [
    `${text}\n${peter}`,
    `${text}${peter}\n`,
    `${text}\n${peter}\n\n`,
    `${text}\n${peter}\n `,
    `${text.replaceAll('\n', '\r\n')}\n${peter}\n`,
    `${text}\n${peter.replace('AM=', 'AN=')}\n`,
    `${text}\n${peter.replace('AM=', 'AM')}\n`,
    `${text}\n${peter.replace('— ', '- ')}\n`,
    `${text}\n${peter.replace('PeterNeumann ', 'PeterNeumann  ')}\n`,
    `${text}\n${`${peter}\n`.repeat(65)}`,
    '',
    '\n\n',
  ]) {
    assert.equal(open(note, 'PeterNeumann'), undefined, note);
  }
});

test('what we sign opens with our key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url'));
  const signature = sign(null, Buffer.from(text), privateKey);
  const note = signedNote(text, 'example.com/log', raw, signature);
  assert.equal(openNote(note, 'example.com/log', raw, verifierOf(raw)), text);
  assert.throws(() => signedNote('no newline', 'example.com/log', raw, signature), RangeError);
  assert.throws(() => signedNote('a\tb\n', 'example.com/log', raw, signature), RangeError);
  assert.throws(() => signedNote(text, 'two words', raw, signature), RangeError);
  assert.throws(() => signedNote(text, 'a+b', raw, signature), RangeError);
  assert.throws(() => signedNote(text, 'example.com/log', raw, signature.subarray(1)), RangeError);
});

test('arbitrary text and damaged notes never open and never throw', () => {
  const good = `${text}\n${peter}\n`;
  const damaged = fc
    .tuple(fc.nat(good.length - 1), fc.string({ maxLength: 3 }))
    .map(([place, piece]) => good.slice(0, place) + piece + good.slice(place + 1));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), damaged), (note) => {
      assert.equal(open(note, 'PeterNeumann'), note === good ? text : undefined);
    }),
  );
});
