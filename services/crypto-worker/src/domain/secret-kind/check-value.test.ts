import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { opaqueBytesMax, type SecretKind, secretBytesMax } from '@strongroom/contracts';
import fc from 'fast-check';
import { makeCertificates } from '../../../testing/certificates.ts';
import { valueRules } from './check-value.ts';

const nowMs = Date.now();
const check = (kind: SecretKind, value: string | Uint8Array) =>
  valueRules[kind].check(typeof value === 'string' ? Buffer.from(value) : value, nowMs);
const isValid = (kind: SecretKind, value: string | Uint8Array) => check(kind, value).status === 'valid';

test('a password, a PIN, an API key and a text are what their names say', () => {
  for (const value of ['correct horse', 'pässwörd', 'x']) assert.ok(isValid('password', value), value);
  for (const value of ['', 'a\n', 'a\tb', '\u0000', 'x'.repeat(1_025)])
    assert.equal(isValid('password', value), value === '', JSON.stringify(value));
  for (const value of ['0000', '1'.repeat(32)]) assert.ok(isValid('pin', value));
  for (const value of ['123', '1'.repeat(33), '12a4', '１２３４', '1234\n'])
    assert.ok(!isValid('pin', value), value);
  assert.ok(isValid('api-key', 'sk_live_51H'));
  for (const value of ['short', 'with space inside', 'tab\tinside', 'ümlautümlaut'])
    assert.ok(!isValid('api-key', value), value);
  assert.ok(isValid('text', 'line\nline\n'));
  for (const bytes of [Uint8Array.of(0xc3), Uint8Array.of(0x61, 0)]) assert.ok(!isValid('text', bytes));
});

test('JSON is what the parser takes, and what it says of the rest is not told', () => {
  fc.assert(fc.property(fc.json(), (json) => isValid('json', json)));
  for (const value of ['{"a":1', 'nul', "{'a':1}", '{"a":1}x', '']) {
    const verdict = check('json', value);
    assert.deepEqual(verdict, { status: 'invalid', reason: 'not JSON' });
  }
});

test('a key is a private key in PEM or has the length of one', () => {
  for (const bytes of [16, 24, 32, 48, 64]) assert.ok(isValid('key', new Uint8Array(bytes)));
  for (const bytes of [0, 8, 15, 20, 65]) assert.ok(!isValid('key', new Uint8Array(bytes)), String(bytes));
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  assert.ok(isValid('key', pem));
  assert.ok(isValid('key', pair.privateKey.export({ format: 'pem', type: 'sec1' }) as string));
  assert.ok(!isValid('key', pair.publicKey.export({ format: 'pem', type: 'spki' }) as string));
  assert.ok(!isValid('key', pem + pem), 'one key');
  assert.ok(!isValid('key', pem.replace(/\n.{8}/, '\n')), 'cut');
  const encrypted = pair.privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  assert.ok(!isValid('key', encrypted as string), 'encrypted');
});

test('a certificate is its own key, the leaf and a chain without a gap; its end is read', () => {
  const { leafKey, leaf, issuer, root, otherKey } = makeCertificates();
  const verdict = check('certificate', leafKey + leaf + issuer);
  assert.ok(verdict.status === 'valid' && verdict.expiresAt !== undefined, JSON.stringify(verdict));
  const days = (Date.parse(verdict.expiresAt) - nowMs) / 86_400_000;
  assert.ok(days > 29 && days <= 30.01, String(days));
  assert.ok(isValid('certificate', leaf + issuer + root + leafKey), 'the key may come last');
  assert.ok(isValid('certificate', leafKey + leaf), 'whoever asks has the rest');
  const offenders = {
    'the key of another': otherKey + leaf + issuer,
    'no key': leaf + issuer,
    'two keys': leafKey + otherKey + leaf,
    'no certificate': leafKey,
    'issuer before leaf': leafKey + issuer + leaf,
    'a gap': leafKey + leaf + root,
    'the leaf twice': leafKey + leaf + leaf,
    'text between': `${leafKey}hello\n${leaf}`,
  };
  for (const [what, value] of Object.entries(offenders)) assert.ok(!isValid('certificate', value), what);
  const later = valueRules.certificate.check(Buffer.from(leafKey + leaf), nowMs + 31 * 86_400_000);
  assert.equal(later.status, 'invalid', 'past its validity');
});

test('an SSH key is what ssh-keygen writes, with both halves of one pair and no passphrase', () => {
  const place = mkdtempSync(join(tmpdir(), 'strongroom-ssh-'));
  try {
    const keygen = (name: string, type: string, passphrase = '') => {
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-f', join(place, name)]);
      return readFileSync(join(place, name), 'utf8');
    };
    const first = keygen('a', 'ed25519');
    assert.ok(isValid('ssh-key', first));
    assert.ok(isValid('ssh-key', keygen('b', 'ecdsa')));
    assert.ok(!isValid('ssh-key', keygen('c', 'ed25519', 'passphrase')), 'encrypted');
    assert.ok(!isValid('ssh-key', readFileSync(join(place, 'a.pub'), 'utf8')), 'public');
    assert.ok(!isValid('ssh-key', first + first), 'two');
    const bytes = Buffer.from(first.split('\n').slice(1, -2).join(''), 'base64');
    const wrap = (changed: Buffer) =>
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${changed.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
    assert.ok(isValid('ssh-key', wrap(bytes)));
    const at = bytes.lastIndexOf('ssh-ed25519') + 11 + 4 + 32 + 4;
    for (const place of [at, at + 32, bytes.indexOf('ssh-ed25519') + 11 + 4]) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] as number) ^ 1;
      assert.ok(!isValid('ssh-key', wrap(changed)), `octet ${place}`);
    }
    for (let length = 0; length < bytes.length - 8; length += 7)
      assert.ok(!isValid('ssh-key', wrap(bytes.subarray(0, length))), `cut at ${length}`);
  } finally {
    rmSync(place, { recursive: true });
  }
});

test('whatever the bytes are, a check answers, and the reason holds nothing of them', () => {
  const canary = 'canary7f3a';
  const kinds = Object.keys(valueRules) as SecretKind[];
  const pemish = fc.constantFrom(
    '-----BEGIN ',
    'PRIVATE KEY',
    'CERTIFICATE',
    '-----',
    '-----END ',
    '\n',
    'AAAA',
  );
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(fc.oneof(pemish, fc.constant(canary)), { maxLength: 12 })
      .map((parts) => Buffer.from(parts.join(''))),
  );
  fc.assert(
    fc.property(fc.constantFrom(...kinds), value, (kind, bytes) => {
      const before = Buffer.from(bytes);
      assert.ok(!JSON.stringify(check(kind, bytes)).includes(canary));
      assert.ok(before.equals(bytes), 'looked at, not changed');
    }),
    { numRuns: 500 },
  );
});

test('only what is opaque may be large', () => {
  for (const [kind, { bytesMax }] of Object.entries(valueRules))
    assert.equal(bytesMax, kind === 'opaque' ? opaqueBytesMax : secretBytesMax, kind);
  assert.equal(valueRules.opaque.check(new Uint8Array(opaqueBytesMax), nowMs).status, 'valid');
});
