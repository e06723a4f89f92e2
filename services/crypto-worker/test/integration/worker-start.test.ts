import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { StrongroomError } from '@strongroom/errors';
import { MemoryBusHub, startPostgres, type TestPostgres } from '@strongroom/testing';
import { makeWorkerProcess } from '../../src/compose-process.ts';
import type { Hsm } from '../../src/ports/hsm.ts';
import { Deployment, pool, tenant } from '../../testing/deployment.ts';
import { RegistrySchema } from '../../testing/postgres-registries.ts';

interface Wait {
  readonly reason: string;
  readonly code: string;
}

/** A token that is gone for one call, the so many-th, as while another process logs in to it. */
function goneOnce(hsm: Hsm, at: number): { hsm: Hsm; calls: () => number } {
  let calls = 0;
  const proxy = new Proxy(hsm, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || name === 'describe') return value;
      return async (...args: unknown[]) => {
        calls += 1;
        if (calls === at) throw new StrongroomError('hsm-unavailable', { detail: 'gone for a moment' });
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { hsm: proxy, calls: () => calls };
}

describe('a worker that starts while its token is gone for a moment', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres.stop());

  /** Starts a worker up to where it waits for the witness to fill the registry, and ends it there. */
  async function start(hsm: Hsm): Promise<readonly Wait[]> {
    await using schema = await RegistrySchema.create(postgres);
    const waits: Wait[] = [];
    const waitsForWitness = Promise.withResolvers<void>();
    const { database } = await schema.worker();
    const bus = await new MemoryBusHub().join('crypto-worker');
    const worker = makeWorkerProcess({
      ...{ worker: 'worker-1', version: '0.0.0', pool, tenant, gcmInvocationsMax: 2 ** 31 },
      ...{ isWitness: false, signed: deployment.signed, limits: { cryptoMax: 8, manageMax: 8 } },
      ...{ hsm, bus, database, onAlert: () => {} },
      report: (event, detail) => {
        if (event !== 'start-waits') return;
        waits.push(detail as unknown as Wait);
        if ((detail as unknown as Wait).reason.startsWith('first start')) waitsForWitness.resolve();
      },
    });
    const starting = Promise.resolve(worker.start());
    await Promise.race([waitsForWitness.promise, starting]);
    await worker.stop();
    await starting.then(
      () => ok(false, 'started without a registry'),
      (error: unknown) => equal((error as Error).name, 'AbortError'),
    );
    return waits;
  }

  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.found();
  });

  it('looks again, whichever of its questions the token did not answer', async () => {
    const healthy = goneOnce(deployment.hsm, 0);
    equal((await start(healthy.hsm)).length, 1);
    ok(healthy.calls() > 8, `${healthy.calls()} calls`);
    const steps = new Set<string>();
    for (let at = 1; at <= healthy.calls(); at += 1) {
      const waits = await start(goneOnce(deployment.hsm, at).hsm);
      equal(waits.length, 2, `call ${at}`);
      equal(waits[0]?.code, 'hsm-unavailable');
      steps.add((waits[0]?.reason ?? '').split(':')[0] ?? '');
    }
    deepEqual(
      [...steps],
      ['registry', 'governance pin', 'worker key', 'identity key', 'newest writer', 'keys of the platform'],
    );
  });
});
