/** Streaming out: what is delivered, when it counts as delivered, whose word decides where to, and that nobody waits for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { makeFindEntries } from '../../src/app/find-entries.ts';
import { KnownSinks } from '../../src/app/known-sinks.ts';
import { makeStreamPage } from '../../src/app/stream-page.ts';
import { SinkPump } from '../../src/inbound/sink-pump.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { fileDefinition, MemoryCursors, TestDirectory, TestSink } from '../../testing/memory-sinks.ts';
import { bodyOf, newKeyPair, origin, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog } from '../../testing/test-log.ts';

const never = new AbortController().signal;

async function set(cosignaturesMin = 0) {
  const deployment = new TestDeployment();
  const memory = new MemoryLog();
  const parts = { store: memory, checkpoints: memory, reader: memory };
  const log = makeTestLog({ deployment, witness: deployment.witness(), ...parts });
  const worker = deployment.worker();
  const cursors = new MemoryCursors();
  const findEntries = makeFindEntries({ reader: memory });
  const streamPage = makeStreamPage({
    origin,
    findEntries,
    checkpoints: memory,
    cursors,
    cosignaturesMin,
  });
  const directory = new TestDirectory(deployment, () => log.clock.nowMs());
  const known = new KnownSinks({
    directory,
    trust: { identity: deployment.identity, origin },
    clock: log.clock,
  });
  await log.keeper.bringUp();
  const write = async (count: number) => {
    for (let left = count; left > 0; left -= 200)
      await log.append(
        worker,
        Array.from({ length: Math.min(left, 200) }, () => bodyOf()),
      );
    await log.keeper.bringUpToDate();
  };
  return { deployment, memory, log, worker, cursors, streamPage, directory, known, write };
}

const upTo = (size: number) => Array.from({ length: size }, (_, index) => index);

test('pages follow each other without a gap, up to the signed checkpoint, which ends the last', async () => {
  const { streamPage, write, log, worker, memory } = await set();
  await write(600);
  await log.append(worker, [bodyOf()]);
  const [sink, definition] = [new TestSink(), fileDefinition('siem')];
  let lag = -1;
  while (lag !== 0) ({ lag } = await streamPage(definition, sink, never));
  assert.deepEqual(sink.indexes, upTo(600), 'what no checkpoint covers is not streamed yet');
  assert.deepEqual(
    sink.pages.map(({ checkpoint }) => checkpoint !== undefined),
    [false, false, true],
  );
  const note = JSON.parse(sink.pages.at(-1)?.checkpoint ?? '').checkpoint;
  assert.equal(note, (await memory.newest())?.note);
  await streamPage(definition, sink, never);
  assert.equal(sink.pages.length, 3, 'and nothing twice while nothing fails');
});

test('what the witnesses have not cosigned does not leave, and what leaves carries their cosignatures', async () => {
  const { streamPage, write, memory, cursors } = await set(1);
  await write(3);
  const [sink, definition] = [new TestSink(), fileDefinition('siem')];
  await streamPage(definition, sink, never);
  assert.deepEqual(sink.indexes, []);
  const line = '— w.example AAAA\n';
  await memory.addCosignature({ size: 3, witness: 'w.example', line });
  await write(2);
  await streamPage(definition, sink, never);
  assert.deepEqual(sink.indexes, [0, 1, 2], 'and nothing of the two that came after');
  assert.ok(JSON.parse(sink.pages.at(-1)?.checkpoint ?? '').checkpoint.endsWith(line));
  // Under another policy it got more: that is no lie of the cursor.
  cursors.rows.set(definition.id, 5);
  await streamPage(definition, sink, never);
});

test('a page counts as delivered when the sink says so, and comes again when it does not', async () => {
  const { streamPage, write } = await set();
  await write(5);
  const [sink, definition] = [new TestSink(), fileDefinition('siem')];
  sink.behave = async () => Promise.reject(new Error('down'));
  await assert.rejects(streamPage(definition, sink, never), /down/);
  sink.behave = async () => {};
  await streamPage(definition, sink, never);
  assert.deepEqual(sink.indexes, upTo(5));
});

test('a sink begins where it was made to, also with entries that are yet to come', async () => {
  const { streamPage, write } = await set();
  await write(5);
  const [late, later] = [new TestSink(), new TestSink()];
  await streamPage(fileDefinition('late', { from: 3 }), late, never);
  assert.deepEqual(late.indexes, [3, 4]);
  const coming = fileDefinition('later', { from: 6 });
  assert.deepEqual(await streamPage(coming, later, never), { next: 6, lag: 0 });
  await write(3);
  await streamPage(coming, later, never);
  assert.deepEqual(later.indexes, [6, 7]);
});

test('a cursor beyond the log and an entry that is gone are told, not passed over', async () => {
  const { streamPage, write, cursors, memory } = await set();
  await write(5);
  const definition = fileDefinition('siem');
  const tampered = (fault: unknown) => isStrongroomError(fault) && fault.code === 'record-tampered';
  cursors.rows.set(definition.id, 9);
  await assert.rejects(streamPage(definition, new TestSink(), never), tampered);
  cursors.rows.set(definition.id, 0);
  memory.entries.splice(2, 1);
  await assert.rejects(streamPage(definition, new TestSink(), never), tampered);
});

test('only what the identity key states for this question, this log and now is believed', async () => {
  const { directory, known, log } = await set();
  directory.sinks = [fileDefinition('siem')];
  const past = new Date(log.clock.nowMs() - 1).toISOString();
  for (const change of [{ nonce: 'A'.repeat(43) }, { origin: 'other' }, { notAfter: past }]) {
    directory.change = change;
    await assert.rejects(known.refresh(), { code: 'identity-mismatch' }, JSON.stringify(change));
  }
  directory.change = {};
  const { signingKey } = directory;
  directory.signingKey = newKeyPair();
  await assert.rejects(known.refresh(), { code: 'identity-mismatch' });
  assert.deepEqual(known.definitions, []);
  directory.signingKey = signingKey;
  await known.refresh();
  assert.equal(known.definitions.length, 1);
  log.clock.advance(600_001);
  assert.deepEqual(known.definitions, [], 'a list that nobody renews runs out');
});

async function pumping(change: { isWriting?: () => boolean } = {}) {
  const scene = await set();
  const { streamPage, known, directory } = scene;
  const sinks = new Map<string, TestSink>();
  const reports: string[] = [];
  const pump = new SinkPump({
    known,
    streamPage,
    openSink: ({ name }) => sinks.get(name) ?? new TestSink(),
    isWriting: () => true,
    report: (task, fault) => reports.push(`${task}: ${String(fault)}`),
    refreshMs: 2,
    idleMs: 2,
    deliverMsMax: 60,
    backOff: () => 2,
    ...change,
  });
  const add = (name: string) => {
    const sink = new TestSink();
    sinks.set(name, sink);
    directory.sinks = [...directory.sinks, fileDefinition(name)];
    return sink;
  };
  return { ...scene, pump, add, reports };
}

test('a sink that hangs, fails or is gone for long delays neither the others nor the writer, and catches up', async () => {
  const { pump, add, write, log, worker, reports } = await pumping();
  const [good, hung, failing] = [add('good'), add('hung'), add('failing')];
  const hangs = (_: unknown, signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  hung.behave = hangs;
  failing.behave = async () => Promise.reject(new Error('status 500'));
  pump.start();
  try {
    await write(2_000);
    await good.has(2_000);
    assert.deepEqual(
      [...(await log.append(worker, [bodyOf()])).keys()],
      [0],
      'the writer takes entries as ever',
    );
    assert.deepEqual([hung.pages, failing.pages], [[], []]);
    assert.ok((pump.states.find(({ name }) => name === 'failing')?.failures ?? 0) > 0);
    hung.behave = async () => {};
    failing.behave = async () => {};
    await Promise.all([hung.has(2_000), failing.has(2_000)]);
    assert.deepEqual(failing.indexes, upTo(2_000));
    assert.deepEqual([...new Set(hung.indexes)], upTo(2_000));
    assert.equal(
      reports.filter((line) => line.startsWith('sink failing')).length,
      1,
      'told once, not at each try',
    );
  } finally {
    await pump.stop();
  }
});

test('a sink that is removed gets nothing more, and one that was led elsewhere goes on where it was', async () => {
  const { pump, add, write, directory } = await pumping();
  const siem = add('siem');
  const other = add('other');
  pump.start();
  try {
    await write(10);
    await Promise.all([siem.has(10), other.has(10)]);
    const [definition] = directory.sinks;
    assert.ok(definition);
    const moved = add('moved');
    directory.sinks = [{ ...definition, name: 'moved' }];
    await write(10);
    await moved.has(20);
    assert.deepEqual(moved.indexes.at(0), 10);
    const before = other.pages.length;
    await write(10);
    await moved.has(30);
    assert.equal(other.pages.length, before);
  } finally {
    await pump.stop();
  }
});

test('a process that is not the writer streams nothing', async () => {
  let isWriting = false;
  const { pump, add, write, directory } = await pumping({ isWriting: () => isWriting });
  const siem = add('siem');
  await write(3);
  pump.start();
  try {
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(directory.asked, 0);
    isWriting = true;
    await siem.has(3);
  } finally {
    await pump.stop();
  }
});
