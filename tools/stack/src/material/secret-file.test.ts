import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { passwordIn, replaceFile, secretFile } from './secret-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-secret-'));
after(() => rmSync(folder, { recursive: true }));

test('a secret is made once, for its owner alone', async () => {
  const first = await passwordIn(folder, 'redis');
  assert.match(first, /^[A-Za-z0-9_-]{32}$/);
  assert.equal(await passwordIn(folder, 'redis'), first);
  assert.notEqual(await passwordIn(folder, 'postgres'), first);
  assert.equal(statSync(join(folder, 'redis.password')).mode & 0o777, 0o600);
});

test('a file that cannot be read is a fault, not a reason to make another secret', async () => {
  await assert.rejects(
    secretFile(folder, () => 'made'),
    { code: 'EISDIR' },
  );
});

test('a file is replaced whole', async () => {
  const path = join(folder, 'x');
  await replaceFile(path, 'one');
  await replaceFile(path, 'two');
  assert.equal(await secretFile(path, () => assert.fail('it is there')), 'two');
});
