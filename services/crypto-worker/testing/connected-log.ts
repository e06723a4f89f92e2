/** A worker's log over the memory bus, with the double of its writer at the other end. */
import type { SignsOfLife } from '@strongroom/bus';
import { decodeBytes } from '@strongroom/canonical';
import { type EntryBody, newRequestId } from '@strongroom/contracts';
import { statementDigest } from '@strongroom/sealed';
import { MemoryBusHub } from '@strongroom/testing';
import { BusAuditLog } from '../src/outbound/bus/audit-log.ts';
import { ReceiptCheck } from '../src/outbound/bus/receipt-check.ts';
import { KeyHolder } from './key-holder.ts';
import { LogWriterDouble } from './log-writer-double.ts';

export const nowMs = () => Date.parse('2030-01-01T00:00:00.000Z');

export function entryBody(change: Partial<EntryBody> = {}): EntryBody {
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

export async function connectedLog({ signs }: { readonly signs?: SignsOfLife } = {}) {
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
  await writer.listen(auditBus, signs);
  return { log, writer, receipts, key, identity, workerBus, auditBus };
}
