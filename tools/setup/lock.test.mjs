import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { alone } from './lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-lock-'));
after(() => rmSync(folder, { recursive: true }));
const silent = () => {};

test('two never work at once', async () => {
  let working = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++working);
    await new Promise((resolve) => setImmediate(resolve));
    working -= 1;
  };
  await Promise.all([alone(folder, silent, work), alone(folder, silent, work), alone(folder, silent, work)]);
  assert.equal(most, 1);
});

test('the lock is given back when the work fails', async () => {
  const failing = alone(folder, silent, async () => {
    throw new Error('work failed');
  });
  await assert.rejects(failing, /work failed/);
  assert.equal(await alone(folder, silent, async () => 'worked'), 'worked');
});

test('the lock of a process that was killed is free at once', async () => {
  const script = `import { alone } from ${JSON.stringify(new URL('lock.mjs', import.meta.url).href)};
    setInterval(() => {}, 1000);
    await alone(${JSON.stringify(folder)}, () => {}, () => new Promise(() => console.log('held')));`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  /** @type {number[]} */
  const told = [];
  const kill = (/** @type {number} */ pid) => {
    told.push(pid);
    holder.kill('SIGKILL');
  };
  assert.equal(await alone(folder, kill, async () => 'worked'), 'worked');
  assert.deepEqual(told, [holder.pid]);
});

test('who waits is told for whom', async () => {
  /** @type {number[]} */
  const told = [];
  await alone(folder, silent, async () => {
    const second = alone(
      folder,
      (holder) => void told.push(holder),
      async () => {},
    );
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, [process.pid]);
    return { second };
  }).then(({ second }) => second);
});
