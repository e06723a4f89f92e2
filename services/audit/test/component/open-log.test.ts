import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { type ErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import { MemoryLog } from '../../testing/memory-log.ts';
import { bodyOf, TestDeployment, type TestWitness } from '../../testing/test-deployment.ts';
import { makeTestLog } from '../../testing/test-log.ts';

const hasCode = (code: ErrorCode, detail: RegExp) => (fault: unknown) => {
  assert.ok(isStrongroomError(fault), String(fault));
  assert.equal(fault.code, code);
  assert.match(fault.detail ?? '', detail);
  return true;
};

function prepare(
  deployment = new TestDeployment(),
  memory = new MemoryLog(),
  witness = deployment.witness(),
) {
  const log = makeTestLog({ deployment, witness, store: memory, checkpoints: memory, reader: memory });
  return { ...log, deployment, memory, witness, worker: deployment.worker() };
}

/** A log with signed entries, closed again. */
async function written(entries = 3) {
  const parts = prepare();
  await parts.keeper.bringUp();
  await parts.append(
    parts.worker,
    Array.from({ length: entries }, () => bodyOf()),
  );
  await parts.keeper.bringUpToDate();
  return parts;
}

const reopen = (parts: ReturnType<typeof prepare>, witness: TestWitness = parts.witness) =>
  prepare(parts.deployment, parts.memory, witness);

test('a log opens when the witness answers, and says until then what it waits for', async () => {
  const { keeper, witness, writer, memory, append, worker } = prepare();
  witness.fault = new StrongroomError('worker-unavailable');
  await assert.rejects(keeper.bringUp());
  assert.deepEqual(writer.state, { kind: 'opening', reason: 'worker-unavailable' });
  await assert.rejects(append(worker, [bodyOf()]), hasCode('audit-unavailable', /worker-unavailable/));
  witness.fault = undefined;
  await keeper.bringUp();
  assert.equal(writer.state.kind, 'writing');
  assert.equal(memory.epoch, 1, 'one start takes one epoch, however often it tries');
});

test('a log shorter than its newest checkpoint is not written to', async () => {
  const parts = await written();
  parts.memory.entries = parts.memory.entries.slice(0, 2);
  const { keeper, writer } = reopen(parts);
  await assert.rejects(
    keeper.bringUp(),
    hasCode('record-tampered', /rolled back: 3 entries are signed, it has 2/),
  );
  assert.equal(writer.state.kind, 'stopped');
  assert.equal(parts.witness.requests.length, 2, 'the witness is not asked to sign it');
});

test('a log that was set back together with its checkpoints is noticed through the witness', async () => {
  const parts = await written();
  parts.memory.entries = parts.memory.entries.slice(0, 2);
  parts.memory.checkpointRows = [];
  const { keeper, writer } = reopen(parts);
  await assert.rejects(
    keeper.bringUp(),
    hasCode('record-tampered', /witness has signed 3 entries, the log has 2/),
  );
  assert.equal(writer.state.kind, 'stopped');
});

test('an emptied database is noticed through the witness', async () => {
  const parts = await written();
  const { keeper } = prepare(parts.deployment, new MemoryLog(), parts.witness);
  await assert.rejects(keeper.bringUp(), hasCode('record-tampered', /has signed 3 entries, the log has 0/));
});

test('a log with another history than the signed one is not written to', async () => {
  const parts = await written();
  const other = await written();
  const { keeper } = prepare(parts.deployment, other.memory, parts.witness);
  other.memory.checkpointRows = parts.memory.checkpointRows;
  await assert.rejects(keeper.bringUp(), hasCode('record-tampered', /first 3 entries are not those/));
  other.memory.checkpointRows = [];
  const again = prepare(parts.deployment, other.memory, parts.witness);
  await assert.rejects(again.keeper.bringUp(), hasCode('record-tampered', /does not extend/));
  assert.equal(again.writer.state.kind, 'stopped');
});

test('missing, surplus and changed entries at the end are told exactly', async () => {
  const parts = await written(3);
  const [first, second, third] = parts.memory.entries;
  assert.ok(first && second && third);
  const takeEpoch = parts.memory.takeEpoch.bind(parts.memory);
  parts.memory.takeEpoch = async () => ({ epoch: 2, beat: 1, size: 4 });
  await assert.rejects(
    reopen(parts).keeper.bringUp(),
    hasCode('record-tampered', /entries end at 3, .* committed 4/),
  );
  parts.memory.takeEpoch = async () => ({ epoch: 2, beat: 1, size: 2 });
  await assert.rejects(
    reopen(parts).keeper.bringUp(),
    hasCode('record-tampered', /entries end at 3, .* committed 2/),
  );
  parts.memory.takeEpoch = takeEpoch;
  parts.memory.entries = [first, second, { ...third, leaf: second.leaf }];
  await assert.rejects(
    reopen(parts).keeper.bringUp(),
    hasCode('record-tampered', /do not have their leaf hashes/),
  );
});

test('a forged checkpoint does not open the log', async () => {
  const parts = await written();
  const stranger = await written();
  parts.memory.checkpointRows = stranger.memory.checkpointRows;
  await assert.rejects(
    reopen(parts).keeper.bringUp(),
    hasCode('identity-mismatch', /certificate of the log key/),
  );
  const [newest] = stranger.memory.checkpointRows.slice(-1);
  assert.ok(newest);
  parts.memory.checkpointRows = [{ ...newest, logKey: parts.deployment.logKey }];
  await assert.rejects(
    reopen(parts).keeper.bringUp(),
    hasCode('identity-mismatch', /signature of the checkpoint/),
  );
});

test('a certificate of another key or epoch is refused', async () => {
  const { keeper, witness, writer } = prepare();
  const certify = witness.certify.bind(witness);
  witness.certify = async (request) => {
    const signed = await certify(request);
    return { ...signed, statement: { ...signed.statement, epoch: 7 } as typeof signed.statement };
  };
  await assert.rejects(keeper.bringUp(), hasCode('identity-mismatch', /receipt key/));
  assert.equal(writer.state.kind, 'opening');
});

test('over a restored database of the same size the writer takes an epoch that was never used', async () => {
  const parts = await written();
  await reopen(parts).keeper.bringUp();
  await reopen(parts).keeper.bringUp();
  parts.memory.epoch = 0;
  const { keeper, writer, append } = reopen(parts);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(keeper.bringUp(), hasCode('version-conflict', /epoch/));
  }
  // The third try is the first with an epoch beyond all that were certified.
  for (let attempt = 0; attempt < 2 && writer.state.kind !== 'writing'; attempt += 1) {
    await keeper.bringUp().catch(() => undefined);
  }
  assert.equal(writer.state.kind, 'writing');
  assert.ok(parts.memory.epoch > 3);
  await append(parts.worker, [bodyOf()]);
});

test('a writer that is overtaken while it opens does not open', async () => {
  const { keeper, witness, writer, memory } = prepare();
  witness.fault = new StrongroomError('worker-unavailable');
  await assert.rejects(keeper.bringUp());
  await memory.takeEpoch(await memory.head());
  await assert.rejects(keeper.bringUp(), hasCode('audit-unavailable', /took over/));
  assert.equal(writer.state.kind, 'fenced');
});

test('a checkpoint is signed when the log grew, from the size that the witness signed last', async () => {
  const { keeper, append, worker, witness, memory, deployment } = prepare();
  await keeper.bringUp();
  await keeper.bringUpToDate();
  assert.equal(witness.requests.length, 1, 'nothing new, nothing asked');
  await append(worker, [bodyOf(), bodyOf()]);
  await Promise.all([keeper.bringUpToDate(), keeper.bringUpToDate()]);
  assert.deepEqual(
    witness.requests.map(({ previousSize, size }) => [previousSize, size]),
    [
      [0, 0],
      [0, 2],
    ],
  );
  // The answer to the last checkpoint was lost: the witness is ahead of what is kept.
  await append(worker, [bodyOf()]);
  const add = memory.add.bind(memory);
  memory.add = async () => {
    throw new StrongroomError('database-unavailable');
  };
  await assert.rejects(keeper.bringUpToDate());
  memory.add = add;
  await append(worker, [bodyOf()]);
  await keeper.bringUpToDate();
  assert.equal(memory.checkpointRows.at(-1)?.size, 4);
  assert.equal(keeper.signedSize, 4);
  assert.equal(deployment.logKey.statement.type, 'strongroom.log-key/1');
});

test('a note that was signed for another tree or size is not kept', async () => {
  for (const change of [{ root: encodeBytes(new Uint8Array(32).fill(1)) }, { size: 2 }]) {
    const { keeper, append, worker, witness, memory } = prepare();
    await keeper.bringUp();
    await append(worker, [bodyOf()]);
    const sign = witness.sign.bind(witness);
    // Signed by the right key, since nothing was signed before that it would have to extend.
    witness.sign = (request) => sign({ ...request, ...change });
    await assert.rejects(keeper.bringUpToDate(), hasCode('identity-mismatch', /checkpoint/));
    assert.equal(memory.checkpointRows.length, 1);
  }
});

test('a checkpoint that is kept under another size does not open the log', async () => {
  const parts = await written();
  const [newest] = parts.memory.checkpointRows.slice(-1);
  assert.ok(newest);
  parts.memory.checkpointRows = [{ ...newest, size: 2 }];
  await assert.rejects(
    reopen(parts).keeper.bringUp(),
    hasCode('identity-mismatch', /signature of the checkpoint/),
  );
});

test('a note that was changed is not kept', async () => {
  const { keeper, append, worker, witness, memory } = prepare();
  await keeper.bringUp();
  await append(worker, [bodyOf()]);
  const sign = witness.sign.bind(witness);
  const other = prepare();
  await other.keeper.bringUp();
  witness.sign = async (request) => {
    const reply = await sign(request);
    return reply.status === 'signed' ? { ...reply, note: reply.note.replace('\n1\n', '\n2\n') } : reply;
  };
  await assert.rejects(keeper.bringUpToDate(), hasCode('identity-mismatch', /signature of the checkpoint/));
  assert.equal(memory.checkpointRows.length, 1);
});

test('a witness that signed a longer log stops the writer while it runs', async () => {
  const { keeper, append, worker, witness, writer } = prepare();
  await keeper.bringUp();
  await append(worker, [bodyOf()]);
  witness.signed = { ...witness.signed, size: 9 };
  await assert.rejects(
    keeper.bringUpToDate(),
    hasCode('record-tampered', /has signed 9 entries, the log has 1/),
  );
  await assert.rejects(append(worker, [bodyOf()]), hasCode('audit-unavailable', /has signed 9/));
  assert.equal(writer.state.kind, 'stopped');
});
