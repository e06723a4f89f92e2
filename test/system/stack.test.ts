/** `npm start` as a newcomer runs it: once, again, beside another one, and when a part of it dies. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StackInfo } from '@strongroom/stack';

const program = fileURLToPath(new URL('../../tools/stack/src/main.ts', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves when the output has the text. */
  until(text: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

function run(home: string, args: readonly string[]): Running {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [program, ...args], { env: { PATH, STRONGROOM_HOME: home } });
  const chunks: string[] = [];
  let wake = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk.toString());
      wake();
    });
  }
  const output = () => chunks.join('');
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const until = async (text: string) => {
    while (!output().includes(text)) {
      const more = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const isOver = await Promise.race([more.then(() => false), ended.then(() => true)]);
      if (isOver && !output().includes(text)) throw new Error(`ended without "${text}":\n${output()}`);
    }
  };
  return { child, output, until, ended };
}

async function freshHome(context: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'sr-'));
  context.after(() => rm(home, { recursive: true, force: true }));
  return home;
}

const readInfo = async (home: string) =>
  JSON.parse(await readFile(join(home, 'stack.json'), 'utf8')) as StackInfo;

test('the main job runs on a fresh home, again on the same one with the same identity, and beside another stack', async (context) => {
  const [home, other] = [await freshHome(context), await freshHome(context)];
  const first = run(home, ['--once']);
  assert.equal(await first.ended, 0, first.output());
  for (const step of ['kms wrap', 'kms unwrap', 'secret fetch', 'guarded rotation', 'audit verify']) {
    assert.ok(first.output().includes(step), `the table has ${step}:\n${first.output()}`);
  }
  const before = await readInfo(home);
  assert.equal((await stat(join(home, 'stack.json'))).mode & 0o777, 0o600);

  const again = run(home, ['--once']);
  const beside = run(other, ['--once']);
  assert.deepEqual(
    await Promise.all([again.ended, beside.ended]),
    [0, 0],
    `${again.output()}\n${beside.output()}`,
  );
  const [after, foreign] = [await readInfo(home), await readInfo(other)];
  assert.equal(after.identityFingerprint, before.identityFingerprint);
  assert.notEqual(foreign.identityFingerprint, before.identityFingerprint);
});

test('a second stack in the same home is refused, a part that dies ends the stack with its last words, Ctrl-C ends it cleanly', async (context) => {
  const home = await freshHome(context);
  const running = run(home, ['--no-job']);
  await running.until('Ctrl-C');
  const second = run(home, ['--no-job']);
  assert.equal(await second.ended, 1);
  assert.match(second.output(), /a stack runs in/);

  const { processes } = await readInfo(home);
  process.kill(processes['approvals'] ?? 0, 'SIGKILL');
  assert.equal(await running.ended, 1);
  assert.match(running.output(), /approvals/);
  assert.match(running.output(), /\{"level"/, 'the last lines of its log are shown');

  const clean = run(home, ['--no-job']);
  await clean.until('Ctrl-C');
  const stoppedMs = performance.now();
  clean.child.kill('SIGINT');
  assert.equal(await clean.ended, 0, clean.output());
  assert.ok(performance.now() - stoppedMs < 15_000);
  for (const pid of Object.values(processes))
    assert.throws(() => process.kill(pid, 0), `process ${pid} is gone`);
});
