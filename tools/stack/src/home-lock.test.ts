import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockHome } from './home-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-lock-'));
after(() => rmSync(folder, { recursive: true }));

test('a second stack in one home is refused with the process of the first, by whatever path it comes', async () => {
  const first = await lockHome(folder);
  assert.ok(first.isHeld);
  assert.deepEqual(await lockHome(folder), { isHeld: false, holder: process.pid });
  const other = `${folder}-link`;
  symlinkSync(folder, other);
  after(() => rmSync(other));
  assert.deepEqual(await lockHome(other), { isHeld: false, holder: process.pid });
  first.release();
  const second = await lockHome(folder);
  assert.ok(second.isHeld);
  second.release();
});

test('two homes do not hinder each other', async () => {
  const other = mkdtempSync(join(tmpdir(), 'strongroom-lock-'));
  after(() => rmSync(other, { recursive: true }));
  const locks = [await lockHome(folder), await lockHome(other)];
  for (const lock of locks) {
    assert.ok(lock.isHeld);
    lock.release();
  }
});

test('the lock of a stack that was killed is free at once', async () => {
  const script = `import { lockHome } from ${JSON.stringify(new URL('home-lock.ts', import.meta.url).href)};
    await lockHome(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  assert.deepEqual(await lockHome(folder), { isHeld: false, holder: holder.pid });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = await lockHome(folder);
  assert.ok(lock.isHeld);
  lock.release();
});
