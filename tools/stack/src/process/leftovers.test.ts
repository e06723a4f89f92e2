import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endLeftovers, recordProcesses, startedTicks } from './leftovers.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-leftovers-'));
after(() => rmSync(folder, { recursive: true }));

async function startSleeper(script = '') {
  const child = spawn(process.execPath, ['-e', `${script}; setInterval(() => {}, 1000); console.log('up')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { child, ended: once(child, 'exit') as Promise<[number | null, string | null]> };
}

test('what an earlier stack left running is asked to end', async () => {
  const { child, ended } = await startSleeper();
  await recordProcesses(folder, { audit: child.pid ?? 0 });
  assert.deepEqual(await endLeftovers(folder), []);
  assert.deepEqual(await ended, [null, 'SIGTERM']);
});

test('a process that got the number of one that is gone is not touched', async () => {
  const { child, ended } = await startSleeper();
  writeFileSync(
    join(folder, 'processes.json'),
    JSON.stringify([{ name: 'audit', pid: child.pid, startedTicks: '1' }]),
  );
  assert.deepEqual(await endLeftovers(folder), []);
  assert.ok(startedTicks(child.pid ?? 0));
  child.kill('SIGKILL');
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('a home without a record has nothing left', async () => {
  rmSync(join(folder, 'processes.json'), { force: true });
  assert.deepEqual(await endLeftovers(folder), []);
});
