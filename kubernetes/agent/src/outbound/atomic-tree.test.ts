import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeAtomicTree } from './atomic-tree.ts';

async function freshRoot(context: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'atomic-tree-'));
  context.after(() => rm(root, { recursive: true }));
  return root;
}

const file = (path: string, text: string, mode = 0o400) => ({ path, mode, content: Buffer.from(text) });

test('files appear through ..data with their modes, also in folders', async (context) => {
  const root = await freshRoot(context);
  const tree = makeAtomicTree(root);
  assert.equal(await tree.replace([file('password', 'a'), file('tls/key', 'b', 0o440)]), true);
  assert.equal(await readFile(join(root, 'password'), 'utf8'), 'a');
  assert.equal(await readFile(join(root, 'tls/key'), 'utf8'), 'b');
  assert.equal(await readlink(join(root, 'password')), '..data/password');
  assert.equal((await stat(join(root, 'tls/key'))).mode & 0o777, 0o440);
});

test('the same content again writes nothing', async (context) => {
  const root = await freshRoot(context);
  const tree = makeAtomicTree(root);
  await tree.replace([file('a', '1')]);
  const before = await readlink(join(root, '..data'));
  assert.equal(await tree.replace([file('a', '1')]), false);
  assert.equal(await readlink(join(root, '..data')), before);
  assert.equal(await tree.replace([file('a', '1', 0o440)]), true);
});

test('a change swaps all files by one rename and leaves one generation', async (context) => {
  const root = await freshRoot(context);
  const tree = makeAtomicTree(root);
  await tree.replace([file('cert', '1'), file('key', '1'), file('old', '1')]);
  await tree.replace([file('cert', '2'), file('key', '2')]);
  assert.deepEqual(await Promise.all(['cert', 'key'].map((name) => readFile(join(root, name), 'utf8'))), [
    '2',
    '2',
  ]);
  const names = await readdir(root);
  assert.ok(!names.includes('old'));
  assert.equal(names.filter((name) => name.startsWith('..2')).length, 1);
});

test('what an interrupted run left behind does not disturb the next one', async (context) => {
  const root = await freshRoot(context);
  const tree = makeAtomicTree(root);
  await tree.replace([file('a', '1')]);
  await symlink('..nowhere', join(root, '..data_tmp'));
  await tree.replace([file('a', '2')]);
  assert.equal(await readFile(join(root, 'a'), 'utf8'), '2');
});

test('a file that stands in the place of a name is replaced, not followed', async (context) => {
  const root = await freshRoot(context);
  const outside = join(await freshRoot(context), 'outside');
  await writeFile(outside, 'untouched');
  await symlink(outside, join(root, 'a'));
  await makeAtomicTree(root).replace([file('a', 'secret')]);
  assert.equal(await readFile(outside, 'utf8'), 'untouched');
  assert.equal(await readFile(join(root, 'a'), 'utf8'), 'secret');
});
