/** The log over the bus, with a writer that lies in every way it can (I4). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type CanonicalValue, canonicalBytes, decodeBytes, digestBytes } from '@strongroom/canonical';
import {
  type AppendReply,
  digestDomain,
  type EntryBody,
  newRequestId,
  subjects,
} from '@strongroom/contracts';
import { ed25519Verify, statementDigest } from '@strongroom/sealed';
import { MemoryBusHub } from '@strongroom/testing';
import fc from 'fast-check';
import { BusAuditLog } from '../../src/outbound/bus/audit-log.ts';
import { ReceiptCheck } from '../../src/outbound/bus/receipt-check.ts';
import { KeyHolder } from '../../testing/key-holder.ts';
import { type ChangeReply, LogWriterDouble } from '../../testing/log-writer-double.ts';

const nowMs = () => Date.parse('2030-01-01T00:00:00.000Z');

function body(change: Partial<EntryBody> = {}): EntryBody {
  return {
    v: 1,
    tenant: 'default',
    requestId: newRequestId(),
    phase: 'outcome',
    operation: 'key.list',
    actor: { id: 'user:alice', proof: 'key' },
    objects: [{ kind: 'key', group: 'default' }],
    outcome: 'done',
    request: {},
    reply: {},
    requestHash: 'A'.repeat(43),
    at: '2030-01-01T00:00:00.000Z',
    worker: 'worker-1',
    ...change,
  };
}

async function connected() {
  const hub = new MemoryBusHub();
  const [workerBus, auditBus] = [await hub.join('crypto-worker'), await hub.join('audit')];
  const identity = new KeyHolder('app:identity');
  const key = new KeyHolder('app:worker');
  const statement = {
    type: 'strongroom.worker-key/1',
    worker: 'worker-1',
    pool: 'default',
    publicKey: key.publicKey,
    notBefore: '2020-01-01T00:00:00.000Z',
    notAfter: '2040-01-01T00:00:00.000Z',
  } as const;
  const signed = {
    statement,
    signature: Buffer.from(identity.sign(statementDigest(statement))).toString('base64url'),
  };
  const receipts = new ReceiptCheck({ identity: decodeBytes(identity.publicKey), nowMs });
  const signer = { statement: () => signed, sign: (digest: Uint8Array) => key.sign(digest) };
  const log = new BusAuditLog({ bus: workerBus, signer, receipts });
  const writer = new LogWriterDouble(identity);
  await writer.listen(auditBus);
  return { log, writer, receipts, key, identity, workerBus, auditBus };
}

test('entries of one turn are one message, signed by the worker, and each gets its own index', async () => {
  const { log, writer, key } = await connected();
  const bodies = Array.from({ length: 20 }, () => body());
  const indexes = await Promise.all(bodies.map((each) => log.append(each)));
  assert.deepEqual(
    indexes,
    bodies.map((_, index) => index),
  );
  assert.equal(writer.requests.length, 1);
  const [request] = writer.requests;
  assert.deepEqual(request?.bodies, bodies);
  const hashes = bodies.map((each) =>
    createHash('sha256')
      .update(canonicalBytes(each as CanonicalValue))
      .digest(),
  );
  const digest = digestBytes(digestDomain.append, ...hashes);
  assert.ok(ed25519Verify(decodeBytes(key.publicKey), digest, decodeBytes(request?.signature ?? '')));
});

test('many entries go as several messages, and what comes meanwhile gathers', async () => {
  const { log, writer } = await connected();
  const indexes = await Promise.all(Array.from({ length: 600 }, () => log.append(body())));
  assert.equal(new Set(indexes).size, 600);
  assert.ok(writer.requests.length >= 3 && writer.requests.length <= 5, `${writer.requests.length} messages`);
  assert.ok(writer.requests.every(({ bodies }) => bodies.length <= 256));
});

test('an entry that is in the log under another body is told as replayed, and the others have their place', async () => {
  const { log, writer } = await connected();
  writer.change = (reply) => ({
    ...reply,
    batches: reply.batches.map((batch) => ({ ...batch, receipts: batch.receipts.slice(1) })),
    replayed: [0],
  });
  const [first, second] = await Promise.allSettled([log.append(body()), log.append(body())]);
  assert.equal(first?.status === 'rejected' && first.reason.code, 'request-replayed');
  assert.deepEqual(second, { status: 'fulfilled', value: 1 });
});

test('an entry that is too large for the log is refused by itself', async () => {
  const { log } = await connected();
  const large = body({
    request: {
      filter: 'x'.repeat(16_000),
      a: 'x'.repeat(16_000),
      b: 'x'.repeat(16_000),
      c: 'x'.repeat(16_000),
    },
  });
  const [refused, taken] = await Promise.allSettled([log.append(large), log.append(body())]);
  assert.equal(refused?.status === 'rejected' && refused.reason.code, 'message-too-large');
  assert.equal(taken?.status, 'fulfilled');
});

test('a log that is silent or absent is said to be so within a quarter of a second', async () => {
  const { log, writer } = await connected();
  writer.change = () => new Promise(() => {});
  const started = performance.now();
  await assert.rejects(Promise.all([log.append(body()), log.append(body())]), { code: 'audit-unavailable' });
  assert.ok(performance.now() - started < 250, `${performance.now() - started} ms`);
});

test('an absent log, and one that refuses, are unavailable alike', async () => {
  const { log, writer, auditBus } = await connected();
  writer.change = () => {
    throw new TypeError('out of order');
  };
  await assert.rejects(log.append(body()), { code: 'audit-unavailable' });
  await auditBus.close();
  await assert.rejects(log.append(body()), { code: 'audit-unavailable' });
});

type Batch = AppendReply['batches'][number];
const inBatch =
  (change: (batch: Batch) => Partial<Batch>): ChangeReply =>
  (reply) => ({ ...reply, batches: reply.batches.map((batch) => ({ ...batch, ...change(batch) })) });
const inReceipts = (change: (receipt: Batch['receipts'][number]) => object) =>
  inBatch(({ receipts }) => ({ receipts: receipts.map((receipt) => ({ ...receipt, ...change(receipt) })) }));

test('a receipt that does not hold is refused, whatever else does', async () => {
  const { writer, identity } = await connected();
  const stranger = new KeyHolder('app:stranger');
  const forged = new LogWriterDouble(stranger);
  const otherRoot = `${'B'.repeat(42)}A`;
  const lies: Readonly<Record<string, ChangeReply>> = {
    'a signature by another key': inBatch(({ first, count, root }) => ({
      signature: forged.signBatch({ first, count, root }, 3),
    })),
    'a signature over another batch': inBatch(({ first, count }) => ({
      signature: writer.signBatch({ first, count, root: otherRoot }),
    })),
    'a signed root that the path does not lead to': inBatch(({ first, count }) => ({
      root: otherRoot,
      signature: writer.signBatch({ first, count, root: otherRoot }),
    })),
    'another place': inReceipts(({ placement }) => ({ placement: { ...placement, actorSeq: 2 } })),
    'another index': inReceipts(({ index }) => ({ index: index + 1 })),
    'another offset': inReceipts(({ offset }) => ({ offset: offset + 1 })),
    'a longer path': inReceipts(({ path }) => ({ path: [...path, otherRoot] })),
    'numbers for another count of objects': inReceipts(({ placement }) => ({
      placement: { ...placement, objectSeqs: [] },
    })),
    'no receipt': (reply) => ({ ...reply, batches: [] }),
    'a receipt for what was not sent': inReceipts(() => ({ position: 7 })),
    'two answers for one entry': (reply) => ({ ...reply, replayed: [0] }),
    'a replay of what was not sent': (reply) => ({ ...reply, replayed: [5] }),
    'another batch epoch': inBatch(() => ({ epoch: 4 })),
    'a certificate by another identity': (reply) => ({
      ...reply,
      receiptKey: writer.certificate({}, stranger),
    }),
    'a certificate of another key': (reply) => ({
      ...reply,
      receiptKey: writer.certificate({ publicKey: stranger.publicKey }),
    }),
    'a certificate that is over': (reply) => ({
      ...reply,
      receiptKey: writer.certificate({ notAfter: '2029-12-31T00:00:00.000Z' }),
    }),
    'a certificate to come': (reply) => ({
      ...reply,
      receiptKey: writer.certificate({ notBefore: '2030-01-02T00:00:00.000Z' }),
    }),
    'a statement of another kind': (reply) => ({
      ...reply,
      receiptKey: {
        statement: {
          type: 'strongroom.log-key/1',
          origin: 'x',
          publicKey: identity.publicKey,
          notBefore: '2020-01-01T00:00:00.000Z',
        },
        signature: reply.receiptKey.signature,
      },
    }),
    'an answer of another shape': () => ({ hello: 1 }),
    'no answer at all': () => new Uint8Array(),
    'bytes that are not canonical': () => Buffer.from('{ "batches": [] }'),
  };
  for (const [lie, change] of Object.entries(lies)) {
    const { log, writer: liar } = await connectedWith(identity, writer);
    liar.change = change;
    await assert.rejects(log.append(body()), { code: 'receipt-invalid' }, lie);
    liar.change = (reply) => reply;
    assert.equal(typeof (await log.append(body())), 'number', `${lie}: the next honest answer is taken`);
  }
});

/** The same writer and identity, met by a worker that knows nothing yet. */
async function connectedWith(identity: KeyHolder, writer: LogWriterDouble) {
  const fresh = await connected();
  const receipts = new ReceiptCheck({ identity: decodeBytes(identity.publicKey), nowMs });
  const signer = {
    statement: () => fresh.writer.certificate(),
    sign: (digest: Uint8Array) => fresh.key.sign(digest),
  };
  await fresh.writer.stop();
  await writer.listen(fresh.auditBus);
  return { log: new BusAuditLog({ bus: fresh.workerBus, signer, receipts }), writer };
}

test('an epoch that is over never comes back', async () => {
  const { log, writer, receipts } = await connected();
  await log.append(body());
  assert.equal(receipts.newestEpoch, 3);
  writer.epoch = 2;
  await assert.rejects(log.append(body()), { code: 'receipt-invalid' });
  writer.epoch = 4;
  await log.append(body());
  writer.epoch = 3;
  await assert.rejects(log.append(body()), { code: 'receipt-invalid' });
  assert.equal(receipts.newestEpoch, 4);
});

test('the receipt of another entry does not do', async () => {
  const { log, writer } = await connected();
  let other: AppendReply | undefined;
  writer.change = (reply) => {
    other = reply;
    return reply;
  };
  await log.append(body());
  const kept = other;
  writer.change = () => kept;
  await assert.rejects(log.append(body()), { code: 'receipt-invalid' });
});

test('no change of any part of an answer is taken for a promise', async () => {
  const { writer, receipts } = await connected();
  const sent = body();
  const text = Buffer.from(canonicalBytes(sent as CanonicalValue)).toString();
  const honest = writer.answer({ bodies: [sent, body()], signature: '', worker: writer.certificate() });
  const bodies = [
    { text, objects: 1 },
    { text: 'null', objects: 1 },
  ];
  assert.throws(() => receipts.check(honest, bodies), { code: 'receipt-invalid' });
  const single = writer.answer({ bodies: [sent], signature: '', worker: writer.certificate() });
  const [only] = bodies as [{ text: string; objects: number }];
  assert.equal(receipts.check(single, [only]).length, 1);
  const leaves = pathsOf(single);
  const octet = fc.constantFrom('A', 'B', '_', '0');
  fc.assert(
    fc.property(fc.constantFrom(...leaves), fc.nat(80), octet, (path, at, replacement) => {
      const changed = structuredClone(single);
      if (!mutate(changed, path, at, replacement)) return;
      try {
        receipts.check(changed, [only]);
      } catch (fault) {
        assert.equal((fault as { code?: string }).code, 'receipt-invalid', path.join('.'));
        return;
      }
      assert.fail(`taken with another ${path.join('.')}`);
    }),
    { numRuns: 300 },
  );
});

function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]));
}

function mutate(root: object, path: readonly string[], at: number, replacement: string): boolean {
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((node, name) => node[name] as never, root as never);
  const name = path.at(-1) as string;
  const value = parent[name];
  if (typeof value === 'number') parent[name] = value + 1 + (at % 3);
  else {
    const text = value as string;
    const place = at % text.length;
    if (text[place] === replacement) return false;
    parent[name] = text.slice(0, place) + replacement + text.slice(place + 1);
  }
  return true;
}

test('what is read of the log fits its schema or is refused', async () => {
  const { log, auditBus } = await connected();
  const filter = { filter: {}, limit: 1, order: 'newest-first' } as const;
  const good = { entries: [], complete: true, size: 0, checkpointSize: 0 };
  let answer: unknown = good;
  await auditBus.respond(subjects.auditQuery, {
    handler: async () => canonicalBytes(answer as CanonicalValue),
  });
  assert.deepEqual(await log.query(filter), good);
  answer = { ...good, extra: 1 };
  await assert.rejects(log.query(filter), { code: 'audit-unavailable' });
  await assert.rejects(log.export({ filter: {}, limit: 1 }), { code: 'audit-unavailable' });
});
