import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditExportReply } from '@strongroom/contracts';
import { cosignatureLine, cosignatureVerifierKey, cosignedBytes } from '@strongroom/merkle';
import { generateKeyFile } from '@strongroom/sealed';
import { collect, makeTestExport } from '../../testing/test-export.ts';
import { trustedWitnesses } from './trusted-witnesses.ts';
import { verifyBundle } from './verify-bundle.ts';
import { bundleLines } from './write-bundle.ts';

function makeWitness(name: string) {
  const file = generateKeyFile(`witness:${name}`);
  const publicKey = Buffer.from(file.publicKey, 'base64url');
  const cosign = (note: string, time = 1_700_000_000) => {
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    return cosignatureLine(name, publicKey, time, file.sign(cosignedBytes(text, time)));
  };
  return { key: cosignatureVerifierKey(name, publicKey), cosign };
}

const log = makeTestExport();
const [one, two] = [makeWitness('one.example'), makeWitness('two.example')];

/** A bundle whose checkpoint has these lines, and what its verification against the witnesses says. */
async function verify(lines: (note: string) => string[], keys: readonly string[], needed?: string) {
  async function* pages(): AsyncGenerator<AuditExportReply> {
    for await (const page of log.pages({})) yield { ...page, cosignatures: lines(page.checkpoint) };
  }
  const bundle = await collect(bundleLines(pages(), { filter: {}, identity: log.identity }));
  async function* each(): AsyncGenerator<string> {
    yield* bundle;
  }
  const witnesses = trustedWitnesses(keys, needed);
  const { verdict, reasons } = await verifyBundle(each(), {
    identityFingerprint: log.fingerprint,
    witnesses,
  });
  return `${verdict} ${reasons.join()}`;
}

test('a bundle carries cosignatures, and is held against the witnesses that are named', async () => {
  const both = (note: string) => [one.cosign(note), two.cosign(note)];
  assert.match(await verify(both, []), /^genuine/);
  assert.match(await verify(both, [one.key, two.key]), /^genuine/);
  const first = (note: string) => [one.cosign(note)];
  assert.match(await verify(first, [one.key]), /^genuine/);
  assert.match(await verify(first, [one.key, two.key], '1'), /^genuine/);
  assert.match(await verify(first, [one.key, two.key]), /^refused .*2 witnesses .* did: one\.example$/);
  assert.match(await verify(() => [], [one.key]), /^refused .*did: none$/);
});

test('a cosignature of another checkpoint or by another key counts for nothing', async () => {
  const elsewhere = (note: string) => [one.cosign(note.replace('test-deployment', 'other'))];
  assert.match(await verify(elsewhere, [one.key]), /^refused/);
  const borrowed = (note: string) => [two.cosign(note).replace('two.example', 'one.example')];
  assert.match(await verify(borrowed, [one.key]), /^refused/);
  // The same witness named twice is one witness.
  assert.match(await verify((note) => [one.cosign(note)], [one.key, one.key]), /^genuine/);
});

test('what is no key, and more than there are, is told', () => {
  for (const [keys, needed] of [
    [['x'], undefined],
    [[], '1'],
    [[one.key], '2'],
    [[one.key], '0'],
    [[one.key, one.key], '2'],
  ] as const) {
    assert.throws(() => trustedWitnesses(keys, needed), { code: 'request-invalid' });
  }
  assert.equal(trustedWitnesses([], undefined), undefined);
});
