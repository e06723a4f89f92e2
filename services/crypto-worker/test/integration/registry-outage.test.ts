/**
 * The database is stopped, or killed, under two workers that look at it all the time. They answer from what they know for
 * five seconds, then refuse as stale rather than to use what may have been revoked, and go on by themselves once it is back.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { RegistrySync } from '../../src/outbound/postgres/registry-sync.ts';
import { RegistrySchema, type TestWorker } from '../../testing/postgres-registries.ts';
import { binding, commit, hasCode } from '../../testing/registry-contract.ts';

const withinMs = 30_000;

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const outages = {
  'is stopped': { begin: async () => postgres.pause(), end: async () => postgres.resume() },
  'is killed': { begin: () => postgres.kill(), end: () => postgres.start() },
};

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    assert.ok(performance.now() < endMs, `not in time: ${what}`);
    await wait(10);
  }
}

const principalOf = async ({ registry }: TestWorker, id: string) =>
  (await registry.read('binding', id))?.value.principal;

/** A look that began before the outage may end after it, and is taken for as old as it is. */
function unlessStale(work: () => Promise<unknown>): () => Promise<boolean> {
  return async () => {
    try {
      return (await work()) !== false;
    } catch (fault) {
      return !hasCode('state-stale')(fault);
    }
  };
}

for (const [what, { begin, end }] of Object.entries(outages)) {
  test(`a database that ${what}: known records for 5 s, then state-stale, then all is well again`, async (t) => {
    await using schema = await RegistrySchema.create(postgres);
    const [one, other] = [await schema.worker(), await schema.worker()];
    const syncs = [one, other].map(
      ({ registry }) => new RegistrySync({ registry, onError: () => undefined }),
    );
    for (const sync of syncs) sync.start();
    let isOut = false;
    try {
      await commit(one.registry, binding('a', 0, 'app:1'));
      await until('both know it', async () => (await principalOf(other, 'a')) === 'app:1');

      await begin();
      isOut = true;
      const beganMs = performance.now();
      assert.equal(await principalOf(one, 'a'), 'app:1', 'what is known is answered at first');
      await until('both are stale', () =>
        [one, other].every(({ registry }) => registry.fault() === 'state-stale'),
      );
      t.diagnostic(`stale after ${Math.round(performance.now() - beganMs)} ms`);
      for (const worker of [one, other]) {
        await assert.rejects(principalOf(worker, 'a'), hasCode('state-stale'));
        await assert.rejects(principalOf(worker, 'no such'), hasCode('state-stale'));
      }

      await end();
      isOut = false;
      const endedMs = performance.now();
      await until('both are current', () =>
        [one, other].every(({ registry }) => registry.fault() === undefined),
      );
      t.diagnostic(`current again after ${Math.round(performance.now() - endedMs)} ms`);
      await until(
        'a change is taken',
        unlessStale(() => commit(other.registry, binding('a', 1, 'app:2'))),
      );
      await until(
        'the change is seen',
        unlessStale(async () => (await principalOf(one, 'a')) === 'app:2'),
      );
      assert.deepEqual([one.alerts, other.alerts], [[], []], 'no alarm');
    } finally {
      if (isOut) await end();
      for (const sync of syncs) await sync.stop();
    }
  });
}
