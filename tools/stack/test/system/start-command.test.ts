/** `npm start` as a process: what a person sees and what a script gets. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { StackInfo } from '../../src/index.ts';
import { startedTicks } from '../../src/process/leftovers.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'strongroom-start-'));
after(() => rmSync(folder, { recursive: true }));

function startCommand(home: string, ...flags: string[]) {
  const child = spawn(process.execPath, [main, ...flags], {
    env: { PATH: process.env['PATH'], STRONGROOM_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      told.text += text;
    });
  }
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const says = async (words: RegExp) => {
    while (!words.test(told.text)) {
      await Promise.race([once(child.stdout, 'data'), ended.then(() => assert.fail(told.text))]);
    }
  };
  return { child, told, ended, says };
}

const infoOf = (home: string) => JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')) as StackInfo;

async function allEnd(processes: Readonly<Record<string, number>>) {
  const giveUpMs = performance.now() + 10_000;
  const left = () => Object.values(processes).filter((pid) => startedTicks(pid) !== undefined);
  while (left().length > 0 && performance.now() < giveUpMs) await delay(20);
  assert.deepEqual(left(), []);
}

test('Ctrl-C stops everything in order, with status 0', async () => {
  const home = join(folder, 'stops');
  const { child, says, ended, told } = startCommand(home, '--no-job');
  await says(/Ctrl-C stops it/);
  const { processes } = infoOf(home);
  // Twice, as a terminal and npm both send it.
  child.kill('SIGINT');
  child.kill('SIGINT');
  assert.equal(await ended, 0, told.text);
  assert.match(told.text, /stopped/);
  await allEnd(processes);
});

test('a process that dies is told with its last lines, and the stack stops with status 1', async () => {
  const home = join(folder, 'dies');
  const { says, ended, told } = startCommand(home, '--no-job');
  await says(/Ctrl-C stops it/);
  const { processes } = infoOf(home);
  const { gateway } = processes;
  assert.ok(gateway);
  process.kill(gateway, 'SIGKILL');
  assert.equal(await ended, 1, told.text);
  assert.match(told.text, /gateway ended by SIGKILL\n {2}\| /);
  await allEnd(processes);
});

test('when the stack itself is killed nothing of it stays, and the next start finds its data', async () => {
  const home = join(folder, 'killed');
  const first = startCommand(home, '--no-job');
  await first.says(/Ctrl-C stops it/);
  const before = infoOf(home);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = startCommand(home, '--no-job', '--once');
  assert.equal(await second.ended, 0, second.told.text);
  await allEnd(before.processes);
  assert.equal(infoOf(home).identityFingerprint, before.identityFingerprint);
});

test('asked to stop while it starts, it stops what has started, with status 1', async () => {
  const { child, says, ended, told } = startCommand(join(folder, 'early'), '--no-job');
  await says(/PostgreSQL|Redis|NATS|certificates/);
  child.kill('SIGTERM');
  assert.equal(await ended, 1, told.text);
  assert.match(told.text, /stopped before it was ready/);
});
