/** A writer of the log that lies in every way it can (I4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CanonicalValue, canonicalBytes, decodeBytes } from '@strongroom/canonical';
import type { AppendReply, ReceiptRun } from '@strongroom/contracts';
import fc from 'fast-check';
import { BusAuditLog } from '../../src/outbound/bus/audit-log.ts';
import { ReceiptCheck } from '../../src/outbound/bus/receipt-check.ts';
import { connectedLog, entryBody, nowMs } from '../../testing/connected-log.ts';
import { KeyHolder } from '../../testing/key-holder.ts';
import { type ChangeReply, LogWriterDouble } from '../../testing/log-writer-double.ts';

const inRuns =
  (change: (run: ReceiptRun) => Partial<ReceiptRun>): ChangeReply =>
  (reply) => ({ ...reply, runs: reply.runs.map((run) => ({ ...run, ...change(run) })) });
const inReceipts = (change: (receipt: ReceiptRun['receipts'][number]) => object) =>
  inRuns(({ receipts }) => ({ receipts: receipts.map((receipt) => ({ ...receipt, ...change(receipt) })) }));

test('a receipt that does not hold is refused, whatever else does', async () => {
  const { writer, identity } = await connectedLog();
  const stranger = new KeyHolder('app:stranger');
  const forged = new LogWriterDouble(stranger);
  const otherRoot = `${'B'.repeat(42)}A`;
  const lies: Readonly<Record<string, ChangeReply>> = {
    'a signature by another key': inRuns(({ first, count }) => ({
      signature: forged.signRun({ first, count, root: otherRoot }, 3),
    })),
    'a signature over another root': inRuns(({ first, count }) => ({
      signature: writer.signRun({ first, count, root: otherRoot }),
    })),
    'another placement': inReceipts(({ placement }) => ({ placement: { ...placement, actorSeq: 2 } })),
    'another first index': inRuns(({ first }) => ({ first: first + 1 })),
    'another offset': inReceipts(({ offset }) => ({ offset: offset + 1 })),
    'a run with room for an entry that was not sent': inRuns(({ count }) => ({ count: count + 1 })),
    'numbers for another count of objects': inReceipts(({ placement }) => ({
      placement: { ...placement, objectSeqs: [] },
    })),
    'no receipt': (reply) => ({ ...reply, runs: [] }),
    'a receipt for what was not sent': inReceipts(() => ({ position: 7 })),
    'two answers for one entry': (reply) => ({ ...reply, replayed: [0] }),
    'a replay of what was not sent': (reply) => ({ ...reply, replayed: [5] }),
    'a certificate of another epoch': (reply) => ({ ...reply, receiptKey: writer.certificate({ epoch: 4 }) }),
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
    'bytes that are not canonical': () => Buffer.from('{ "runs": [] }'),
  };
  for (const [lie, change] of Object.entries(lies)) {
    const { log, writer: liar } = await connectedWith(identity, writer);
    liar.change = change;
    await assert.rejects(log.append(entryBody()), { code: 'receipt-invalid' }, lie);
    liar.change = (reply) => reply;
    assert.equal(typeof (await log.append(entryBody())), 'number', `${lie}: the next honest answer is taken`);
  }
});

/** The same writer and identity, met by a worker that knows nothing yet. */
async function connectedWith(identity: KeyHolder, writer: LogWriterDouble) {
  const fresh = await connectedLog();
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
  const { log, writer, receipts } = await connectedLog();
  await log.append(entryBody());
  assert.equal(receipts.newestEpoch, 3);
  writer.epoch = 2;
  await assert.rejects(log.append(entryBody()), { code: 'receipt-invalid' });
  writer.epoch = 4;
  await log.append(entryBody());
  writer.epoch = 3;
  await assert.rejects(log.append(entryBody()), { code: 'receipt-invalid' });
  assert.equal(receipts.newestEpoch, 4);
});

test('the receipt of another entry does not do', async () => {
  const { log, writer } = await connectedLog();
  let other: AppendReply | undefined;
  writer.change = (reply) => {
    other = reply;
    return reply;
  };
  await log.append(entryBody());
  const kept = other;
  writer.change = () => kept;
  await assert.rejects(log.append(entryBody()), { code: 'receipt-invalid' });
});

test('no change of any part of an answer is taken for a promise', async () => {
  const { writer, receipts } = await connectedLog();
  const sent = entryBody();
  const text = Buffer.from(canonicalBytes(sent as CanonicalValue)).toString();
  const honest = writer.answer({ bodies: [sent, entryBody()], signature: '', worker: writer.certificate() });
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
