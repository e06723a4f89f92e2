/** The stack as `npm start` has it: every process real, in homes of its own. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Stack, StackProblem, startStack } from '../../src/index.ts';
import { startedTicks } from '../../src/process/leftovers.ts';
import { resetStack } from '../../src/reset.ts';

/** Three times what is promised for an idle machine: this one may be busy. What it took is reported. */
const readyMsMax = 30_000;
const stopMsMax = 10_000;
const everything = [
  ...['postgres', 'nats', 'redis', 'audit', 'crypto-worker-1', 'crypto-worker-2'],
  ...['approvals', 'gateway', 'kms-plugin'],
];

const folder = mkdtempSync(join(tmpdir(), 'strongroom-stack-'));
const running = new Set<Stack>();
after(async () => {
  for (const stack of running) await stack.stop();
  rmSync(folder, { recursive: true });
});

async function start(name: string): Promise<Stack> {
  const stack = await startStack({ home: join(folder, name) });
  running.add(stack);
  return stack;
}

async function timed<Value>(work: Promise<Value>): Promise<{ value: Value; ms: number }> {
  const startedMs = performance.now();
  return { value: await work, ms: performance.now() - startedMs };
}

test('a new home is ready in time, is found again as it was, and leaves nothing running', async (context) => {
  const first = await timed(start('again'));
  context.diagnostic(`new home ready in ${Math.round(first.ms)} ms`);
  assert.ok(first.ms < readyMsMax, `took ${first.ms} ms`);
  const { info, profile } = first.value;
  assert.deepEqual(Object.keys(info.processes).sort(), everything.toSorted());
  assert.deepEqual(JSON.parse(readFileSync(profile, 'utf8')), info);
  assert.equal(statSync(profile).mode & 0o777, 0o600);

  await assert.rejects(
    start('again'),
    (problem) => problem instanceof StackProblem && problem.message.includes(`process ${process.pid}`),
  );
  await assert.rejects(resetStack(info.home), /a stack runs in/);

  const stopped = await timed(first.value.stop());
  context.diagnostic(`stopped in ${Math.round(stopped.ms)} ms`);
  assert.ok(stopped.ms < stopMsMax, `took ${stopped.ms} ms`);
  for (const [name, pid] of Object.entries(info.processes)) assert.equal(startedTicks(pid), undefined, name);

  const second = await timed(start('again'));
  context.diagnostic(`the same home ready again in ${Math.round(second.ms)} ms`);
  assert.ok(second.ms < readyMsMax, `took ${second.ms} ms`);
  const { processes: _, ...before } = info;
  const { processes, ...now } = second.value.info;
  assert.deepEqual(now, before);
  assert.ok(Object.values(processes).every((pid) => !Object.values(info.processes).includes(pid)));
  await second.value.stop();
  assert.equal(await resetStack(info.home), true);
  assert.equal(await resetStack(info.home), false);
});

test('two homes run side by side, and a process that dies is told with its last lines', async () => {
  const [left, right] = await Promise.all([start('left'), start('right')]);
  assert.notEqual(left.info.identityFingerprint, right.info.identityFingerprint);
  assert.notEqual(left.info.gatewayUrl, right.info.gatewayUrl);

  const { audit } = left.info.processes;
  assert.ok(audit);
  process.kill(audit, 'SIGKILL');
  const failure = await left.failure;
  assert.equal(failure.message, 'audit ended by SIGKILL');
  assert.ok(failure.lines.length > 0);
  await left.stop();

  await right.kill('crypto-worker-2');
  assert.ok(!('crypto-worker-2' in right.info.processes));
  await right.restart('crypto-worker-2');
  assert.ok('crypto-worker-2' in right.info.processes);
  await right.stop();
});
