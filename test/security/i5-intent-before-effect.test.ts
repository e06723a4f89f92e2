import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type EntryPhase, newRequestId } from '@strongroom/contracts';
import type { ServiceProcess } from '@strongroom/stack';
import { codeOf, done, eventually, group, startDeployment } from './kit/deployment.ts';
import { readToken } from './kit/token.ts';

const points = ['intent-opened', 'intent-appended', 'effect-done', 'committed', 'outcome-appended'] as const;
/** What the log holds of an operation whose worker died there, until it is reconciled. */
const logged: Readonly<Record<(typeof points)[number], readonly EntryPhase[]>> = {
  'intent-opened': [],
  'intent-appended': ['intent'],
  'effect-done': ['intent'],
  committed: ['intent'],
  'outcome-appended': ['intent', 'outcome'],
};
const workers: readonly ServiceProcess[] = ['crypto-worker-1', 'crypto-worker-2'];
const killAt = fileURLToPath(new URL('./kit/kill-at.ts', import.meta.url));

test('I5: a worker that dies at any point leaves an intent, and the next start finds out what became of it', async (context) => {
  const place = await mkdtemp(join(tmpdir(), 'kill-at-'));
  context.after(() => rm(place, { recursive: true }));
  const fileOf = (worker: string) => join(place, worker);
  const deployment = await startDeployment(context, {
    nodeArgs: Object.fromEntries(workers.map((worker) => [worker, ['--import', killAt]])),
    extraEnv: Object.fromEntries(workers.map((worker) => [worker, { KILL_AT_FILE: fileOf(worker) }])),
  });
  const { stack, operator, log } = deployment;

  for (const [at, point] of points.entries()) {
    await context.test(`killed at ${point}`, async () => {
      const name = `victim-${at}`;
      const requestId = newRequestId();
      for (const worker of workers) await writeFile(fileOf(worker), `${point} key.create`);
      const create = (deadlineMs: number) =>
        codeOf(
          done(
            operator,
            'key.create',
            { group, name, purpose: 'kek' },
            { requestId, deadlineMs, isOnce: true },
          ),
        );
      const first = await create(3_000);
      assert.ok(
        ['deadline-exceeded', 'outcome-unknown', 'worker-unavailable', 'bus-unavailable'].includes(first),
        first,
      );
      const died = workers.filter((worker) => !existsSync(fileOf(worker)));
      assert.equal(died.length, 1, 'exactly one worker died');
      for (const worker of workers) await rm(fileOf(worker), { force: true });

      // Before anybody reconciles: the log knew of it before the token did, and heard no outcome that was not reached.
      const written = (await log({ requestId }))
        .filter(({ operation }) => operation === 'key.create')
        .map(({ phase }) => phase);
      assert.deepEqual(written.toReversed(), logged[point]);
      for (const worker of died) await stack.restart(worker);

      // Asking again under the same id tells the outcome, once it is known, and never makes a second key.
      const outcome = await eventually('a definite outcome', 20_000, async () => {
        const code = await create(5_000);
        return ['deadline-exceeded', 'worker-unavailable'].includes(code) ? undefined : code;
      });
      const described = await codeOf(done(operator, 'key.describe', { group, name }));
      assert.equal(described, outcome === 'done' ? 'done' : 'absent', `${outcome}, then ${described}`);
      if (point === 'committed' || point === 'outcome-appended') assert.equal(outcome, 'done');

      const ended = await eventually('the outcome is in the log', 20_000, async () =>
        (await log({ requestId })).find(
          ({ phase, operation }) => phase === 'outcome' && operation === 'key.create',
        ),
      );
      const bodies = (await log({ requestId })).filter(({ operation }) => operation === 'key.create');
      assert.ok(
        bodies.some(({ phase }) => phase === 'intent'),
        'the intent is in the log',
      );
      assert.equal(
        ended.outcome === 'done',
        outcome === 'done',
        `the log says ${ended.outcome}, the caller heard ${outcome}`,
      );
      const { unknownOutcomes } = await done(operator, 'system.status', {});
      assert.equal(unknownOutcomes, 0);
    });
  }

  await context.test('no key of the token is used that no record knows', async () => {
    const { keys } = await done(operator, 'key.list', { group, limit: 500 });
    const labels = (await readToken(stack.info.hsm))
      .map(({ label }) => label)
      .filter((label) => label.startsWith('strongroom/key/'));
    assert.equal(new Set(labels).size, labels.length);
    for (const key of keys.filter(({ purpose }) => purpose === 'kek')) {
      const own = labels.filter((label) => label.startsWith(`strongroom/key/${key.id}/`));
      const { versions } = await done(operator, 'key.list-versions', { group, name: key.name, limit: 500 });
      assert.equal(own.length, versions.length, key.name);
    }
  });
});
