import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const silentMsMax = 300;
const watchdogModule = new URL('./watchdog.ts', import.meta.url).href;

async function startWatched(script: string): Promise<{ child: ChildProcess; ended: Promise<unknown[]> }> {
  const program = `import { Watchdog } from ${JSON.stringify(watchdogModule)};
    const watchdog = new Watchdog({ silentMsMax: ${silentMsMax}, patientMsMax: 3000 });
    const block = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
    await watchdog.start();
    console.log('up');
    setTimeout(() => {}, 60000);
    setTimeout(() => { ${script} }, 50);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  assert.ok(child.stdout);
  await once(child.stdout, 'data');
  return { child, ended };
}

test('a loop that stands still ends its process by SIGALRM, which is told on standard error', async () => {
  const { child, ended } = await startWatched('block(60000)');
  const begin = performance.now();
  const said = child.stderr?.setEncoding('utf8').toArray();
  assert.deepEqual(await ended, [null, 'SIGALRM']);
  assert.ok(performance.now() - begin < 4 * silentMsMax);
  assert.match((await said)?.join('') ?? '', /"event":"watchdog-ended-process"/);
});

test('what is known to take its time may take it, and is watched again afterwards', async () => {
  const { ended } = await startWatched(
    "watchdog.patiently(() => block(1200)); console.log('patient'); block(60000)",
  );
  const begin = performance.now();
  assert.deepEqual(await ended, [null, 'SIGALRM']);
  assert.ok(performance.now() - begin > 1_200);
});

test('a process that was paused is not blamed for it', async () => {
  const { child, ended } = await startWatched('');
  child.kill('SIGSTOP');
  await delay(3 * silentMsMax);
  child.kill('SIGCONT');
  await delay(3 * silentMsMax);
  assert.equal(child.exitCode ?? child.signalCode, null);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [null, 'SIGTERM']);
});

test('the loop itself can say that its process is beyond help', async () => {
  const { ended } = await startWatched('watchdog.end()');
  assert.deepEqual(await ended, [null, 'SIGALRM']);
});

test('a watchdog that was stopped ends nothing', async () => {
  const { ended } = await startWatched('watchdog.stop().then(() => { block(900); process.exit(7); })');
  assert.deepEqual(await ended, [7, null]);
});
