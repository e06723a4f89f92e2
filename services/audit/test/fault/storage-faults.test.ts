/**
 * Every storage step fails, once and twice in a row, in both ways: not carried out, or carried out with the answer lost.
 * Workers repeat what was not acknowledged, as they do. Whatever happens, the oracle finds a whole log with everything
 * that was acknowledged in it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { makeCosignCheckpoints } from '../../src/app/cosign-checkpoints.ts';
import { makeFetchNodes } from '../../src/app/fetch-nodes.ts';
import {
  type FaultKind,
  FaultPlan,
  faultyCheckpoints,
  faultyStore,
  type StoreStep,
} from '../../testing/faulty-store.ts';
import { type Acknowledged, checkLog } from '../../testing/log-oracle.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { TestCosigner } from '../../testing/test-cosigner.ts';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog, TestClock, type TestLog } from '../../testing/test-log.ts';

const steps: readonly StoreStep[] = [
  'takeEpoch',
  'head',
  'beat',
  'commit',
  'findPlaced',
  'lastSequences',
  'tiles',
  'leaves',
  'add',
  'addCosignature',
  'newest',
  'ofSize',
];
const kinds: readonly FaultKind[] = ['not-applied', 'reply-lost'];
const attemptsMax = 20;
/** The only answers that may leave a worker in doubt or make it wait; none is a bare crash. */
const expected = new Set(['database-unavailable', 'outcome-unknown', 'audit-unavailable']);

async function untilDone<Result>(log: TestLog, work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    try {
      return await work();
    } catch (fault) {
      assert.ok(isStrongroomError(fault) && expected.has(fault.code), String((fault as Error).stack));
      // What the clockwork does in its rhythm.
      await log.keeper.bringUp().catch(() => undefined);
    }
  }
  throw new Error('it did not recover');
}

for (const step of steps) {
  for (const kind of kinds) {
    for (const times of [1, 2]) {
      test(`${step} fails ${times === 1 ? 'once' : 'twice'}: ${kind}`, async () => {
        const deployment = new TestDeployment();
        const memory = new MemoryLog();
        const plan = new FaultPlan();
        const stores = { store: faultyStore(memory, plan), checkpoints: faultyCheckpoints(memory, plan) };
        const parts = { deployment, witness: deployment.witness(), ...stores, reader: memory };
        const worker = deployment.worker();
        const acknowledged: Acknowledged[] = [];
        const failed = { step, kind, times };
        const cosigner = new TestCosigner('witness.example/w1');
        const cosigning = makeCosignCheckpoints({
          witnesses: [cosigner],
          checkpoints: stores.checkpoints,
          fetchNodes: makeFetchNodes(stores.store),
          clock: new TestClock(),
          onTrouble: () => undefined,
          onRollback: (reason) => assert.fail(reason),
        });
        const cosign = async (): Promise<void> => {
          await cosigning.ask();
          if (cosigning.lag().some(({ entries }) => entries > 0))
            throw new StrongroomError('audit-unavailable');
        };

        const write = async (log: TestLog, count: number): Promise<void> => {
          const bodies = Array.from({ length: count }, () => bodyOf());
          const places = await untilDone(log, () => log.append(worker, bodies));
          for (const [position, index] of places) {
            acknowledged.push({ index, body: bodies[position] as ReturnType<typeof bodyOf> });
          }
        };

        // At the start of a writer, in the middle of its work, and at the start of the next one.
        const first = makeTestLog({ ...parts, clock: new TestClock() });
        plan.fault = { ...failed };
        await untilDone(first, () => first.keeper.bringUp());
        await write(first, 200);
        plan.fault = { ...failed };
        await Promise.all([write(first, 100), write(first, 100), write(first, 1)]);
        plan.fault = { ...failed };
        await untilDone(first, () => first.keeper.showLife());
        plan.fault = { ...failed };
        // A repetition of what is in the log: the step that looks it up may fail too.
        const again = acknowledged[0]?.body as ReturnType<typeof bodyOf>;
        assert.deepEqual([...(await untilDone(first, () => first.append(worker, [again])))], [[0, 0]]);
        plan.fault = { ...failed };
        await untilDone(first, () => first.keeper.bringUpToDate());
        plan.fault = { ...failed };
        await untilDone(first, cosign);
        plan.fault = { ...failed };
        const page = { filter: {}, limit: 1, checkpointSize: first.writer.size };
        assert.equal((await untilDone(first, () => first.exportPage(page))).entries.length, 1);
        const second = makeTestLog({ ...parts, clock: new TestClock() });
        plan.fault = { ...failed };
        await untilDone(second, () => second.keeper.bringUp());
        await write(second, 3);
        await untilDone(second, () => second.keeper.bringUpToDate());
        plan.fault = { ...failed };
        await untilDone(second, cosign);

        assert.ok(plan.failures >= times, 'the step was made to fail');
        plan.fault = undefined;
        const entries = await checkLog({ ...parts, store: memory, checkpoints: memory }, acknowledged);
        assert.equal(entries.length, 404);
        assert.equal(acknowledged.length, 404);
        assert.equal(memory.checkpointRows.at(-1)?.size, 404);
        assert.equal((await memory.newest(1))?.size, 404);
      });
    }
  }
}
