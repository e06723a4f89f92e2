/** The published example of C2SP tlog-checkpoint with its witness, and what must not count as a cosignature. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import {
  cosignatureLine,
  cosignatureVerifierKey,
  cosignedAt,
  cosignedBytes,
  parseCosignatureKey,
  parseVerifierKey,
  signedNote,
  withCosignatures,
} from './index.ts';

const text = 'example.com/log\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const published =
  '\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n';

function keys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey,
    raw: new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')),
  };
}
const verifierOf = (raw: Uint8Array) => (bytes: Uint8Array, signature: Uint8Array) => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') };
  return verify(null, bytes, createPublicKey({ key: jwk, format: 'jwk' }), signature);
};
const log = keys();
const note = signedNote(text, 'example.com/log', log.raw, sign(null, Buffer.from(text), log.privateKey));

function cosigned(witness = keys(), name = 'w.example', time = 1_700_000_000) {
  const line = cosignatureLine(
    name,
    witness.raw,
    time,
    sign(null, cosignedBytes(text, time), witness.privateKey),
  );
  return { witness, line, note: withCosignatures(note, [line]) };
}

test('the bytes that are signed and the line are those of C2SP', () => {
  assert.equal(
    Buffer.from(cosignedBytes(text, 1_679_315_147)).toString(),
    `cosignature/v1\ntime 1679315147\n${text}`,
  );
  // The published line: four octets of the key, eight of the time, 64 of the signature.
  const value = Buffer.from(published.split(' ')[2] ?? '', 'base64');
  assert.deepEqual([value.length, Number(value.readBigUInt64BE(4))], [76, 1_679_315_147]);
  const own = cosigned(keys(), 'witness.example.com/w1', 1_679_315_147);
  assert.equal(own.line.length, published.length);
});

test('a cosignature counts for its witness, beside others', () => {
  const [one, two] = [cosigned(), cosigned(keys(), 'other.example', 1_700_000_001)];
  const both = withCosignatures(note, [one.line, two.line, published]);
  assert.equal(cosignedAt(both, 'w.example', one.witness.raw, verifierOf(one.witness.raw)), 1_700_000_000);
  assert.equal(
    cosignedAt(both, 'other.example', two.witness.raw, verifierOf(two.witness.raw)),
    1_700_000_001,
  );
  assert.equal(cosignedAt(note, 'w.example', one.witness.raw, verifierOf(one.witness.raw)), undefined);
});

test('another time, text, name or key is no cosignature, and a false line spoils a good one', () => {
  const { witness, line } = cosigned();
  const check = (of: string, name = 'w.example', raw = witness.raw) =>
    cosignedAt(of, name, raw, verifierOf(raw));
  assert.equal(check(withCosignatures(note, [line])), 1_700_000_000);
  assert.equal(check(withCosignatures(note.replace('20852163', '20852164'), [line])), undefined);
  assert.equal(check(withCosignatures(note, [line]), 'v.example'), undefined);
  assert.equal(check(withCosignatures(note, [line]), 'w.example', keys().raw), undefined);
  const value = Buffer.from(line.split(' ')[2] ?? '', 'base64');
  value.writeUInt8(value.readUInt8(11) ^ 1, 11);
  const later = `\u2014 w.example ${value.toString('base64')}\n`;
  assert.equal(check(withCosignatures(note, [later])), undefined);
  assert.equal(check(withCosignatures(note, [line, later])), undefined);
  assert.throws(() => withCosignatures(note, ['x\n']), RangeError);
});

test('keys of logs and of witnesses are told apart', () => {
  const { raw } = keys();
  const key = cosignatureVerifierKey('w.example', raw);
  assert.deepEqual(parseCosignatureKey(key), { name: 'w.example', publicKey: raw });
  assert.equal(parseVerifierKey(key), undefined);
  for (const other of ['', 'w.example', key.slice(1), `${key}A`, key.replace('w.example', 'v.example')]) {
    assert.equal(parseCosignatureKey(other), undefined, other);
  }
});
