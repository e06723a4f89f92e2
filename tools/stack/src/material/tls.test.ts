import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeCertificates } from './tls.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-tls-'));
after(() => rmSync(folder, { recursive: true }));
const read = (path: string) => new X509Certificate(readFileSync(path));

test('the gateway has a certificate for this machine, signed by an authority that can sign nothing further', async () => {
  const { caFile, certFile, keyFile } = await makeCertificates(folder);
  const [authority, gateway] = [read(caFile), read(certFile)];
  assert.ok(gateway.verify(authority.publicKey));
  assert.ok(authority.ca && !gateway.ca);
  assert.equal(gateway.checkHost('localhost'), 'localhost');
  assert.equal(gateway.checkIP('127.0.0.1'), '127.0.0.1');
  for (const file of [keyFile, join(folder, 'ca.key')])
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
});

test('a second start keeps both, and a lost certificate is made under the same authority', async () => {
  const { caFile, certFile } = await makeCertificates(folder);
  const before = [readFileSync(caFile, 'utf8'), readFileSync(certFile, 'utf8')];
  await makeCertificates(folder);
  assert.deepEqual([readFileSync(caFile, 'utf8'), readFileSync(certFile, 'utf8')], before);
  rmSync(certFile);
  await makeCertificates(folder);
  assert.equal(readFileSync(caFile, 'utf8'), before[0]);
  assert.ok(read(certFile).verify(read(caFile).publicKey));
});
