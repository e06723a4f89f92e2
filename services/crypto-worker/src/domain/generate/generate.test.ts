import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { X509Recipe } from '@strongroom/contracts';
import fc from 'fast-check';
import { makeCertificates } from '../../../testing/certificates.ts';
import { valueRules } from '../secret-kind/check-value.ts';
import { ed25519PrivateKey } from '../secret-kind/ed25519-seed.ts';
import { p256PrivateKey } from './p256-scalar.ts';
import {
  bitsOf,
  type CharacterClass,
  classesOf,
  countPasswords,
  drawsNeeded,
  meetsRecipe,
} from './password.ts';
import { signingRequest } from './signing-request.ts';
import { sshEd25519 } from './ssh-key.ts';
import { fillIndices } from './uniform.ts';

/** Every text over the classes, tried out. */
function tryOut(length: number, classes: readonly CharacterClass[]): number {
  const all = classes.map(({ characters }) => characters).join('');
  let texts = [''];
  for (let at = 0; at < length; at += 1) texts = texts.flatMap((text) => [...all].map((each) => text + each));
  return texts.filter((text) => meetsRecipe(Buffer.from(text), classes)).length;
}

test('the entropy that is stated is that of all texts the recipe allows', () => {
  const characterClass = (characters: string) =>
    fc.record({ characters: fc.constant(characters), min: fc.nat(3) });
  fc.assert(
    fc.property(
      fc.nat(5),
      fc
        .subarray(['ab', 'C', '123'], { minLength: 1 })
        .chain((sets) => fc.tuple(...sets.map(characterClass))),
      (length, classes) => {
        assert.equal(countPasswords(length, classes), BigInt(tryOut(length, classes)));
      },
    ),
    { numRuns: 60 },
  );
  assert.equal(bitsOf(1n), 0);
  assert.equal(bitsOf(1_023n), 9);
  assert.equal(bitsOf(1_024n), 10);
});

test('a recipe that contradicts itself has no draw, and look-alikes are left out', () => {
  const classes = classesOf({ recipe: 'password', length: 8, classes: { digits: 5, upper: 4 } });
  assert.equal(drawsNeeded(8, classes), undefined);
  const plain = classesOf({
    recipe: 'password',
    length: 8,
    classes: { lower: 0, digits: 1 },
    omitsLookAlikes: true,
  });
  assert.deepEqual(
    plain.map(({ characters }) => characters),
    ['abcdefghijkmnopqrstuvwxyz', '23456789'],
  );
  assert.ok((drawsNeeded(8, plain) as number) < 3);
});

test('indices are equally likely: octets that do not divide evenly are thrown away', () => {
  for (const size of [10, 62, 94, 256]) {
    const counts = new Map<number, number>();
    const into = new Uint8Array(256);
    const filled = fillIndices(
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
      size,
      into,
      0,
    );
    for (const index of into.subarray(0, filled)) counts.set(index, (counts.get(index) ?? 0) + 1);
    assert.equal(counts.size, size);
    assert.equal(new Set(counts.values()).size, 1, String(size));
  }
});

test('ssh-keygen reads the SSH key and finds the same public half', () => {
  const place = mkdtempSync(join(tmpdir(), 'strongroom-ssh-'));
  try {
    const { privateKey, publicKey } = sshEd25519(randomBytes(32), randomBytes(4), 'deploy@example');
    assert.equal(valueRules['ssh-key'].check(privateKey, 0).status, 'valid');
    writeFileSync(join(place, 'key'), privateKey, { mode: 0o600 });
    const derived = execFileSync('ssh-keygen', ['-y', '-f', join(place, 'key')], { encoding: 'utf8' });
    assert.equal(derived.trim(), publicKey);
  } finally {
    rmSync(place, { recursive: true });
  }
});

test('an authority certifies the signing request, with its names, and the key fits the certificate', () => {
  const authority = makeCertificates();
  const keys = {
    'ecdsa-p256': p256PrivateKey(randomBytes(32)),
    ed25519: ed25519PrivateKey(randomBytes(32)),
    'rsa-2048': generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey,
  } as const;
  for (const algorithm of ['ecdsa-p256', 'ed25519', 'rsa-2048'] as const) {
    const recipe: X509Recipe = {
      recipe: 'x509',
      algorithm,
      commonName: 'web',
      organization: 'Example Corp.',
      dnsNames: ['web.example', '*.web.example'],
    };
    const key = keys[algorithm];
    assert.ok(key !== undefined);
    // Signing checks the request's own signature.
    const certificate = new X509Certificate(authority.sign(signingRequest(key, recipe)));
    assert.ok(certificate.checkPrivateKey(key));
    assert.equal(certificate.subject, 'O=Example Corp.\nCN=web');
    assert.equal(certificate.subjectAltName, 'DNS:web.example, DNS:*.web.example');
    const bare = new X509Certificate(
      authority.sign(signingRequest(key, { recipe: 'x509', algorithm, commonName: 'x', dnsNames: [] })),
    );
    assert.equal(bare.subjectAltName, undefined);
  }
});

test('a scalar that is not below the order of P-256 makes no key', () => {
  assert.equal(p256PrivateKey(new Uint8Array(32)), undefined);
  assert.equal(p256PrivateKey(new Uint8Array(32).fill(255)), undefined);
  const one = new Uint8Array(32);
  one[31] = 1;
  assert.ok(p256PrivateKey(one) !== undefined);
});
