import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { canaryForms, findCanary, findInFiles, findInMemory } from './canary.ts';

const canary = 'CANARY-0123456789-abcdefghij';
const forms = canaryForms(canary);

test('the scanner finds a planted canary in every encoding and at every alignment', () => {
  const raw = Buffer.from(canary);
  for (let shift = 0; shift < 7; shift += 1) {
    const around = Buffer.concat([Buffer.alloc(shift, 65), raw, Buffer.from('tail')]);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      assert.notDeepEqual(
        findCanary(Buffer.from(around.toString(encoding)), forms),
        [],
        `${encoding} ${shift}`,
      );
    }
    assert.ok(findCanary(around, forms).includes('raw'));
  }
  assert.deepEqual(findCanary(Buffer.from('nothing of that kind'.repeat(100)), forms), []);
});

test('the scanner finds a planted canary in files and in the memory of a process', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'canary-'));
  context.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'log'), `x ${Buffer.from(canary).toString('base64')} y`);
  assert.notDeepEqual(await findInFiles(directory, forms), []);
  const { found, bytes } = await findInMemory(process.pid, forms);
  assert.ok(found.includes('raw') && bytes > 1_000_000);
});
