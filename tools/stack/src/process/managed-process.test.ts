import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StackProblem } from '../stack-problem.ts';
import { ManagedProcess, type ProcessSpec, runToEnd } from './managed-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-process-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
function spec(script: string, parts: Partial<ProcessSpec> = {}): ProcessSpec & { mark: string } {
  count += 1;
  const mark = join(folder, `${count}.mark`);
  return {
    name: `script-${count}`,
    command: process.execPath,
    args: ['-e', `const mark = ${JSON.stringify(mark)}; const fs = require('node:fs'); ${script}`],
    env: {},
    logFile: join(folder, `${count}.log`),
    isReady: () => existsSync(mark),
    readyMsMax: 10_000,
    mark,
    ...parts,
  };
}

const serves = 'fs.writeFileSync(mark, String(process.pid)); setInterval(() => {}, 1000);';

test('a process is ready when it says so, and ends when it is asked to', async () => {
  const made = spec(serves);
  const running = ManagedProcess.start(made);
  await running.becomeReady();
  assert.equal(readFileSync(made.mark, 'utf8'), String(running.pid));
  await running.stop(5_000);
  assert.deepEqual(await running.ended, { status: null, signal: 'SIGTERM' });
  assert.ok(!running.isRunning);
});

test('one that ends while it starts is told with its last words', async () => {
  const running = ManagedProcess.start(spec("console.error('no disk'); process.exit(3);"));
  await assert.rejects(
    running.becomeReady(),
    (problem) =>
      problem instanceof StackProblem &&
      /ended while/.test(problem.message) &&
      problem.lines.includes('no disk'),
  );
});

test('one that never gets ready is given up', async () => {
  const running = ManagedProcess.start(spec('setInterval(() => {}, 1000);', { readyMsMax: 50 }));
  await assert.rejects(running.becomeReady(), /did not get ready in 0.05 s/);
  await running.kill();
});

test('a start can be given up from outside', async () => {
  const running = ManagedProcess.start(spec('setInterval(() => {}, 1000);'));
  const stop = new AbortController();
  const ready = running.becomeReady(stop.signal);
  stop.abort(new StackProblem('asked to stop'));
  await assert.rejects(ready, /asked to stop/);
  await running.kill();
});

test('one that does not end in time is killed', async () => {
  const running = ManagedProcess.start(spec(`process.on('SIGTERM', () => {}); ${serves}`));
  await running.becomeReady();
  await running.stop(100);
  assert.deepEqual(await running.ended, { status: null, signal: 'SIGKILL' });
});

test('one that was paused still ends when it is asked to', async () => {
  const running = ManagedProcess.start(spec(serves));
  await running.becomeReady();
  running.signal('SIGSTOP');
  await running.stop(5_000);
  assert.equal((await running.ended).signal, 'SIGTERM');
});

test('a program that is not there is told like one that ended', async () => {
  const running = ManagedProcess.start(spec('', { command: join(folder, 'nothing'), args: [] }));
  await assert.rejects(running.becomeReady(), /ended while/);
});

test('a process gets the environment that is named, and nothing of ours', async () => {
  const made = spec('fs.writeFileSync(mark, JSON.stringify(Object.keys(process.env)));', {
    env: { OWN: '1' },
  });
  await ManagedProcess.start(made).ended;
  assert.deepEqual(JSON.parse(readFileSync(made.mark, 'utf8')).sort(), ['LANG', 'OWN', 'PATH', 'TZ']);
});

test('a program that fails is told with what it said', async () => {
  const failing = {
    command: process.execPath,
    args: ['-e', "console.error('no such token'); process.exit(1)"],
  };
  await assert.rejects(
    runToEnd('the ceremony', failing),
    (problem) => problem instanceof StackProblem && problem.lines.includes('no such token'),
  );
  const told = await runToEnd('it', {
    command: process.execPath,
    args: ['-e', "console.log('yes'); console.error('no')"],
  });
  assert.equal(told, 'yes\n');
});
