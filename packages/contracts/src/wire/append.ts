/** How entries come into the log, and what the writer promises for them. */
import { type Static, Type } from 'typebox';
import { Count, closed, Signature, Version } from '../fields.ts';
import { EntryBody, EntryPlacement } from './entry.ts';
import { SignedStatement } from './statement.ts';

/**
 * One append message: all entries of one event-loop turn of one worker. The signature (Ed25519, by the worker's
 * certified key) is over SHA-256("strongroom/append/1" 0x00 SHA-256(body 1) SHA-256(body 2) …): an entry that no worker
 * signed is a forgery that anyone can see.
 */
export const AppendRequest = closed({
  worker: SignedStatement,
  bodies: Type.Array(EntryBody, { minItems: 1, maxItems: 256 }),
  signature: Signature,
});
export type AppendRequest = Static<typeof AppendRequest>;

export const Receipt = closed({
  /** Place of the entry in the append message. */
  position: Count,
  /** Place of the entry in its run: its index in the log is the run's first and this. */
  offset: Count,
  placement: EntryPlacement,
});
export type Receipt = Static<typeof Receipt>;

/**
 * The writer's promise for entries of one message whose indexes follow each other. The signature (Ed25519, by the
 * receipt key of the epoch) is over SHA-256("strongroom/receipt/1" 0x00 canonical({ epoch, first, count, root })). The root
 * (RFC 6962 section 2.1, over the leaves of the run) does not travel: who checks the promise has made the bodies, and
 * computes every leaf and the root from them.
 */
export const ReceiptRun = closed({
  first: Count,
  count: Version,
  signature: Signature,
  /** At least one for each offset below `count`. */
  receipts: Type.Array(Receipt, { minItems: 1, maxItems: 256 }),
});
export type ReceiptRun = Static<typeof ReceiptRun>;

export const AppendReply = closed({
  /** States the epoch that all runs are signed under. */
  receiptKey: SignedStatement,
  runs: Type.Array(ReceiptRun, { maxItems: 256 }),
  /** Entries that were not taken because another body has their (actor, request id, phase). */
  replayed: Type.Array(Count, { maxItems: 256 }),
});
export type AppendReply = Static<typeof AppendReply>;
