import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { decodeBytes } from '@strongroom/canonical';
import { isStrongroomError } from '@strongroom/errors';
import { coded } from '../test/parties.ts';
import { generateKeyFile, readKeyFile, writeKeyFile } from './key-file.ts';
import { verifySignature } from './signing-key.ts';

async function place(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'strongroom-key-file-'));
  t.after(() => rm(directory, { recursive: true }));
  return join(directory, 'alice.json');
}

const bytes = Buffer.from('what is signed');

for (const algorithm of ['ed25519', 'ecdsa-p256'] as const)
  test(`what was written is read, and signs as before (${algorithm})`, async (t) => {
    const path = await place(t);
    const made = generateKeyFile('user:alice', algorithm);
    await writeKeyFile(path, made);
    assert.ok(made.seed.isDisposed);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const read = await readKeyFile(path);
    assert.equal(read.principal, 'user:alice');
    assert.equal(read.publicKey, made.publicKey);
    for (const key of [made, read])
      assert.ok(verifySignature(decodeBytes(made.publicKey), bytes, key.sign(bytes)));
  });

test('a key file is never overwritten', async (t) => {
  const path = await place(t);
  await writeKeyFile(path, generateKeyFile('user:alice'));
  const before = await readFile(path, 'utf8');
  await assert.rejects(writeKeyFile(path, generateKeyFile('user:alice')), coded('configuration-invalid'));
  assert.equal(await readFile(path, 'utf8'), before);
});

test('a key file that others could read is refused, through a link too', async (t) => {
  const path = await place(t);
  await writeKeyFile(path, generateKeyFile('user:alice'));
  await symlink(path, `${path}.link`);
  await readKeyFile(`${path}.link`);
  for (const mode of [0o640, 0o604, 0o660, 0o601]) {
    await chmod(path, mode);
    await assert.rejects(readKeyFile(path), coded('configuration-invalid'));
    await assert.rejects(readKeyFile(`${path}.link`), coded('configuration-invalid'));
  }
});

test('what is not a whole key file is refused without quoting it', async (t) => {
  const path = await place(t);
  await writeKeyFile(path, generateKeyFile('user:alice'));
  const good = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
  const secret = good['privateKey'] ?? '';
  const offenders = [
    '',
    secret,
    '[]',
    JSON.stringify({ ...good, type: 'other' }),
    JSON.stringify({ ...good, extra: 1 }),
    JSON.stringify({ ...good, principal: undefined }),
    JSON.stringify({ ...good, publicKey: good['privateKey'] }),
    JSON.stringify({ ...good, privateKey: `${secret.slice(0, -1)}_` }),
    JSON.stringify({ ...good, padding: 'x'.repeat(5_000) }),
  ];
  for (const text of offenders) {
    await writeFile(path, text);
    await assert.rejects(readKeyFile(path), (error) => {
      coded('configuration-invalid')(error);
      assert.ok(isStrongroomError(error) && error.detail?.includes(path));
      assert.ok(!inspect(error, { depth: 9 }).includes(secret.slice(0, 20)));
      return true;
    });
  }
  await assert.rejects(readKeyFile(`${path}.none`), coded('configuration-invalid'));
});

test('a key does not show itself', () => {
  const made = generateKeyFile('user:alice');
  const seed = made.seed.use((octets) => Buffer.from(octets).toString('base64url'));
  assert.ok(!`${inspect(made, { depth: 9 })}${JSON.stringify(made)}`.includes(seed));
});
