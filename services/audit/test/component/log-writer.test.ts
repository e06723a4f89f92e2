import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReceiptKeyStatement } from '@strongroom/contracts';
import { type ErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import { batchEntriesMax, queueEntriesMax } from '../../src/app/log-writer.ts';
import { FaultPlan, faultyStore } from '../../testing/faulty-store.ts';
import { checkLog } from '../../testing/log-oracle.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog, TestClock } from '../../testing/test-log.ts';

const hasCode = (code: ErrorCode, detail?: RegExp) => (fault: unknown) => {
  assert.ok(isStrongroomError(fault), String(fault));
  assert.equal(fault.code, code);
  if (detail !== undefined) assert.match(fault.detail ?? '', detail);
  return true;
};

async function openLog(
  memory = new MemoryLog(),
  deployment = new TestDeployment(),
  witness = deployment.witness(),
) {
  const plan = new FaultPlan();
  const clock = new TestClock();
  const store = faultyStore(memory, plan);
  const log = makeTestLog({ deployment, witness, store, checkpoints: memory, reader: memory, clock });
  await log.keeper.bringUp();
  return { ...log, deployment, witness, memory, plan, worker: deployment.worker() };
}

const stores = (memory: MemoryLog) => ({ store: memory, checkpoints: memory, reader: memory });
const indexesOf = (places: ReadonlyMap<number, number>) => [...places.values()];

test('entries get a place, a number and a receipt that a worker can check', async () => {
  const { append, worker, memory } = await openLog();
  const bodies = [bodyOf(), bodyOf({ actorId: 'user:bob' }), bodyOf()];
  assert.deepEqual(indexesOf(await append(worker, bodies)), [0, 1, 2]);
  await checkLog(
    stores(memory),
    bodies.map((body, index) => ({ index, body })),
  );
});

test('what comes together is committed together, at most 256 entries at once', async () => {
  const { append, worker, commits, memory } = await openLog();
  const messages = Array.from({ length: 60 }, () => Array.from({ length: 10 }, () => bodyOf()));
  const places = await Promise.all(messages.map((bodies) => append(worker, bodies)));
  assert.ok(commits.length < 10, `${commits.length} commits`);
  assert.ok(commits.every((entries) => entries <= batchEntriesMax));
  const acknowledged = places.flatMap((indexes, at) =>
    [...indexes].map(([position, index]) => ({
      index,
      body: messages[at]?.[position] as ReturnType<typeof bodyOf>,
    })),
  );
  await checkLog(stores(memory), acknowledged);
});

test('the same message again gets the same places and adds nothing', async () => {
  const { append, worker, memory } = await openLog();
  const bodies = [bodyOf(), bodyOf()];
  const first = await append(worker, bodies);
  await append(worker, [bodyOf()]);
  assert.deepEqual(await append(worker, bodies), first);
  assert.deepEqual(await append(worker, [...bodies, bodyOf()]), new Map([...first, [2, 3]]));
  assert.equal(memory.entries.length, 4);
  await checkLog(stores(memory), []);
});

test('a message and its repetition in one batch get the same places', async () => {
  const { append, worker, memory } = await openLog();
  const bodies = [bodyOf(), bodyOf()];
  const [one, other] = await Promise.all([append(worker, bodies), append(worker, bodies)]);
  assert.deepEqual(one, other);
  assert.equal(memory.entries.length, 2);
});

test('another body of a taken key is told and not taken; the others of its message are', async () => {
  const { append, appendRaw, worker, memory } = await openLog();
  const body = bodyOf();
  await append(worker, [body]);
  const reply = await appendRaw(worker, [bodyOf(), { ...body, outcome: 'refused' }, bodyOf()]);
  assert.deepEqual(reply.replayed, [1]);
  assert.equal(memory.entries.length, 3);
  assert.deepEqual((await appendRaw(worker, [{ ...body, outcome: 'unknown' }])).runs, []);
  await checkLog(stores(memory), []);
});

test('an entry of an earlier writer is promised again under the epoch of now', async () => {
  const first = await openLog();
  const bodies = [bodyOf(), bodyOf()];
  await first.append(first.worker, bodies);
  const second = await openLog(first.memory, first.deployment, first.witness);
  const reply = await second.appendRaw(first.worker, bodies);
  assert.deepEqual(
    reply.runs.map(({ first: start, count }) => [start, count]),
    [[0, 2]],
  );
  assert.equal((reply.receiptKey.statement as ReceiptKeyStatement).epoch, 2);
  assert.deepEqual(indexesOf(first.worker.verify(bodies, reply)), [0, 1]);
});

test('entries that are not neighbours are promised again one by one', async () => {
  const { append, appendRaw, worker } = await openLog();
  const bodies = Array.from({ length: 5 }, () => bodyOf());
  await append(worker, bodies);
  const some = [0, 1, 3].map((at) => bodies[at] as ReturnType<typeof bodyOf>);
  const reply = await appendRaw(worker, some);
  assert.deepEqual(
    reply.runs.map(({ first, count }) => [first, count]),
    [
      [0, 2],
      [3, 1],
    ],
  );
  assert.deepEqual(indexesOf(worker.verify(some, reply)), [0, 1, 3]);
});

test('numbers go on after a restart', async () => {
  const first = await openLog();
  await first.append(first.worker, [bodyOf(), bodyOf()]);
  const second = await openLog(first.memory, first.deployment, first.witness);
  await second.append(first.worker, [bodyOf()]);
  const entries = await checkLog(stores(first.memory), []);
  assert.deepEqual(entries[2]?.placement.actorSeq, 3);
});

test('a fenced writer stops with the reason and never writes again', async () => {
  const old = await openLog();
  await old.append(old.worker, [bodyOf()]);
  const young = await openLog(old.memory, old.deployment, old.witness);
  await assert.rejects(
    old.append(old.worker, [bodyOf()]),
    hasCode('audit-unavailable', /epoch 2; this one has 1/),
  );
  assert.equal(old.writer.state.kind, 'fenced');
  await young.append(old.worker, [bodyOf()]);
  await old.keeper.bringUp();
  await assert.rejects(
    old.append(old.worker, [bodyOf()]),
    hasCode('audit-unavailable', /another writer took over/),
  );
  assert.equal((await checkLog(stores(old.memory), [])).length, 2);
});

test('a fenced writer without work notices in its next round', async () => {
  const old = await openLog();
  const young = await openLog(old.memory, old.deployment, old.witness);
  await assert.rejects(old.keeper.bringUpToDate(), hasCode('audit-unavailable', /epoch 2; this one has 1/));
  assert.equal(old.writer.state.kind, 'fenced');
  await young.keeper.bringUpToDate();
  assert.equal(young.writer.state.kind, 'writing');
});

test('a store that stands still is told from one that works', async () => {
  const { append, worker, writer, clock, memory } = await openLog();
  const commit = memory.commit.bind(memory);
  const [called, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  memory.commit = async (batch) => {
    called.resolve();
    await gate.promise;
    return commit(batch);
  };
  const appended = append(worker, [bodyOf()]);
  await called.promise;
  assert.equal(writer.isMoving, true);
  clock.advance(60);
  assert.equal(writer.isMoving, false);
  gate.resolve();
  await appended;
  assert.equal(writer.isMoving, true);
});

test('while the store is away appends are refused at once, and taken again when it is back', async () => {
  const { append, worker, plan, keeper, states, memory } = await openLog();
  plan.fault = { step: 'commit', kind: 'not-applied', times: 1 };
  const body = bodyOf();
  await assert.rejects(append(worker, [body]), hasCode('database-unavailable'));
  await assert.rejects(append(worker, [body]), hasCode('database-unavailable'));
  assert.equal(plan.calls.get('commit'), 1, 'nothing was tried while it was away');
  plan.fault = { step: 'head', kind: 'not-applied', times: 1 };
  await assert.rejects(keeper.bringUp(), hasCode('database-unavailable'));
  await keeper.bringUp();
  assert.deepEqual(indexesOf(await append(worker, [body])), [0]);
  assert.deepEqual(
    states.map(({ kind }) => kind),
    ['writing', 'recovering', 'writing'],
  );
  await checkLog(stores(memory), [{ index: 0, body }]);
});

test('what waits behind a failed commit is refused with it', async () => {
  const { append, worker, plan } = await openLog();
  plan.fault = { step: 'commit', kind: 'not-applied', times: 1 };
  const messages = Array.from({ length: 3 }, () => Array.from({ length: 200 }, () => bodyOf()));
  const answers = await Promise.allSettled(messages.map((bodies) => append(worker, bodies)));
  assert.ok(answers.every((answer) => answer.status === 'rejected'));
  assert.equal(plan.calls.get('commit'), 1);
});

test('a commit whose answer is lost is looked up and acknowledged if it is there', async () => {
  const { append, worker, plan, memory } = await openLog();
  plan.fault = { step: 'commit', kind: 'reply-lost', times: 1 };
  const body = bodyOf();
  assert.deepEqual(indexesOf(await append(worker, [body])), [0]);
  assert.equal(memory.entries.length, 1);
  await checkLog(stores(memory), [{ index: 0, body }]);
});

test('a commit in doubt that can not be looked up is told as unknown, and not taken twice', async () => {
  const { append, worker, plan, keeper, memory } = await openLog();
  plan.fault = { step: 'commit', kind: 'reply-lost', times: 1 };
  const inner = memory.head.bind(memory);
  let isAway = true;
  memory.head = async () => {
    if (isAway) throw new StrongroomError('database-unavailable');
    return inner();
  };
  const body = bodyOf();
  await assert.rejects(append(worker, [body]), hasCode('outcome-unknown'));
  isAway = false;
  await keeper.bringUp();
  assert.deepEqual(indexesOf(await append(worker, [body])), [0]);
  await checkLog(stores(memory), [{ index: 0, body }]);
});

test('a commit that lands late, after it was not found, is found by the next one', async () => {
  const { append, worker, memory } = await openLog();
  const commit = memory.commit.bind(memory);
  let late: (() => Promise<unknown>) | undefined;
  memory.commit = async (batch) => {
    memory.commit = async (next) => {
      // The abandoned statement of the first connection is carried out just before ours.
      await late?.();
      memory.commit = commit;
      return commit(next);
    };
    late = () => commit(batch);
    throw new StrongroomError('outcome-unknown');
  };
  const body = bodyOf();
  assert.deepEqual(indexesOf(await append(worker, [body])), [0]);
  assert.equal(memory.entries.length, 1);
  await checkLog(stores(memory), [{ index: 0, body }]);
});

test('a store that lost what was acknowledged stops the writer with the numbers', async () => {
  const { append, worker, plan, memory, writer } = await openLog();
  await append(worker, [bodyOf(), bodyOf()]);
  memory.entries = memory.entries.slice(0, 1);
  await assert.rejects(
    append(worker, [bodyOf()]),
    hasCode('audit-unavailable', /1 entries of epoch 1, 2 of epoch 1/),
  );
  assert.equal(writer.state.kind, 'stopped');
  plan.fault = undefined;
});

test('a store with another entry under an acknowledged index stops the writer', async () => {
  const { append, worker, plan, memory, writer, keeper } = await openLog();
  await append(worker, [bodyOf(), bodyOf()]);
  const [first, second] = memory.entries;
  if (first !== undefined && second !== undefined) {
    memory.entries = [
      { ...second, index: 0 },
      { ...first, index: 1 },
    ];
  }
  plan.fault = { step: 'commit', kind: 'not-applied', times: 1 };
  await assert.rejects(append(worker, [bodyOf()]));
  await assert.rejects(keeper.bringUp(), hasCode('audit-unavailable', /first 2 entries are others/));
  assert.equal(writer.state.kind, 'stopped');
});

test('beyond its bound the queue refuses as overloaded', async () => {
  const { append, worker, memory } = await openLog();
  const held = Promise.withResolvers<void>();
  const commit = memory.commit.bind(memory);
  memory.commit = async (batch) => {
    await held.promise;
    return commit(batch);
  };
  const sending = Array.from({ length: queueEntriesMax / 256 + 2 }, () => {
    const bodies = Array.from({ length: 256 }, () => bodyOf({ objects: [] }));
    return append(worker, bodies);
  });
  const settled = Promise.allSettled(sending);
  await Promise.race(sending.map((one) => one.catch(() => undefined)));
  held.resolve();
  const refused = (await settled).filter((answer) => answer.status === 'rejected');
  assert.ok(refused.length > 0);
  for (const { reason } of refused) hasCode('overloaded', /append queue/)(reason);
});

test('time in the log never goes back', async () => {
  const { append, worker, clock, memory } = await openLog();
  await append(worker, [bodyOf()]);
  clock.advance(-3_600_000);
  await append(worker, [bodyOf()]);
  clock.advance(3_600_001);
  await append(worker, [bodyOf()]);
  const entries = await checkLog(stores(memory), []);
  assert.deepEqual(
    entries.map(({ placement }) => placement.at),
    ['2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00.001Z'],
  );
});

test('without a certificate in force nothing is written, and it is renewed in time', async () => {
  const deployment = new TestDeployment();
  const witness = deployment.witness();
  witness.certificateMs = 1_000;
  const { append, worker, clock, keeper, memory } = await openLog(new MemoryLog(), deployment, witness);
  clock.advance(1_001);
  await assert.rejects(append(worker, [bodyOf()]), hasCode('audit-unavailable', /not certified/));
  assert.equal(memory.entries.length, 0);
  witness.nowMs = () => clock.nowMs();
  await keeper.bringUp();
  await keeper.bringUpToDate();
  assert.deepEqual(indexesOf(await append(worker, [bodyOf()])), [0]);
});
