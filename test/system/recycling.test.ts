/** Workers that grew are started again under load, one after the other, and nobody's request fails for it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { StackInfo } from '@strongroom/stack';
import { codeOf, eventually, group, kms, seed, startDeployment } from '../security/kit/deployment.ts';

/** Less than any worker has, so that both want to leave at their first look. */
const extraEnv = { STRONGROOM_CRYPTO_WORKER_RESIDENT_MIB_MAX: '64' };
const workers = ['crypto-worker-1', 'crypto-worker-2'] as const;
const callers = 8;
/** Made by the log of a busy machine, with or without a worker that leaves. */
const passing = 'audit-unavailable';

test('a worker above its ceiling leaves and comes back while the other serves, and no request fails', async (context) => {
  const { stack, app, operator } = await startDeployment(context, {
    extraEnv: Object.fromEntries(workers.map((name) => [name, extraEnv])),
  });
  const processes = async () => (JSON.parse(await readFile(stack.profile, 'utf8')) as StackInfo).processes;
  const before = await processes();
  const codes = new Map<string, number>();
  let isOver = false;
  const repeat = async (use: (round: number) => Promise<unknown>) => {
    for (let round = 0; !isOver; round += 1) {
      const code = await codeOf(use(round));
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  };
  const load = [
    ...Array.from({ length: callers }, () =>
      repeat(() => app.call('kms.wrap', { ...kms, plaintext: seed() })),
    ),
    repeat((round) =>
      operator.call('role.create', {
        name: `r-${round}`,
        summary: 'Grants little.',
        privileges: ['role.list'],
      }),
    ),
    repeat(() => operator.call('key.describe', { group, name: 'kek' })),
  ];
  try {
    const [recycled, kept] = await eventually('a worker was started again', 40_000, async () => {
      const now = await processes();
      const changed = workers.filter((name) => now[name] !== undefined && now[name] !== before[name]);
      return changed[0] === undefined ? undefined : ([changed, now] as const);
    });
    // Both wanted to leave at the same moment.
    assert.equal(recycled.length, 1);
    const other = workers.find((name) => name !== recycled[0]) as (typeof workers)[number];
    assert.equal(kept[other], before[other]);
    // The new one takes its share of what follows.
    const sofar = codes.get('done') ?? 0;
    await eventually('the load goes on', 20_000, async () =>
      (codes.get('done') ?? 0) > sofar + 500 ? true : undefined,
    );
  } finally {
    isOver = true;
    await Promise.all(load);
  }
  context.diagnostic(JSON.stringify(Object.fromEntries(codes)));
  const failed = [...codes.keys()].filter((code) => code !== 'done' && code !== passing);
  assert.deepEqual(failed, []);
  const log = await readFile(stack.logFile(workers[0]), 'utf8').then(
    async (first) => first + (await readFile(stack.logFile(workers[1]), 'utf8')),
  );
  assert.match(log, /process-retired/);
  assert.doesNotMatch(log, /drain-incomplete/);
});
