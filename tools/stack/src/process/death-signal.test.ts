import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { asPostgresUser } from '@strongroom/testing';
import { startedTicks } from './leftovers.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-death-'));
after(() => rmSync(folder, { recursive: true }));

/** A process of ours that starts one as the stack does, prints its id, and is then killed. */
async function childOfKilledParent(command: string, args: readonly string[]): Promise<number> {
  const script = `
    import { readFileSync } from 'node:fs';
    import { ManagedProcess } from ${JSON.stringify(new URL('managed-process.ts', import.meta.url).href)};
    const made = ManagedProcess.start({ name: 'child', command: ${JSON.stringify(command)}, args: ${JSON.stringify(args)},
      env: {}, logFile: ${JSON.stringify(join(folder, 'log'))}, readyMsMax: 10000,
      isReady: (pid) => readFileSync('/proc/' + pid + '/comm', 'utf8').trim() !== 'setpriv' });
    await made.becomeReady();
    console.log(made.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  return Number(line);
}

const endsSoon = async (pid: number) => {
  const giveUpMs = performance.now() + 5_000;
  while (startedTicks(pid) !== undefined && performance.now() < giveUpMs) await delay(10);
  return startedTicks(pid) === undefined;
};

const sleeper = ['-e', 'setInterval(() => {}, 1000)'];

test('a process of the stack ends with the stack, even when that is killed', async () => {
  assert.ok(await endsSoon(await childOfKilledParent(process.execPath, sleeper)));
});

test('so does one that runs as another user', async () => {
  const { command, args } = asPostgresUser('/usr/bin/sleep', ['60']);
  assert.ok(await endsSoon(await childOfKilledParent(command, args)));
});
