/** How entries come into the log, and what the writer promises for them. */
import { type Static, Type } from 'typebox';
import { Bytes32, Count, closed, Signature, Version } from '../fields.ts';
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
  index: Count,
  /** Place of the entry in the append message. */
  position: Count,
  placement: EntryPlacement,
  /** Audit path (RFC 6962 section 2.1.1) from the leaf to the batch root. */
  path: Type.Array(Bytes32, { maxItems: 16 }),
  /** Place of the leaf in its batch. */
  offset: Count,
});
export type Receipt = Static<typeof Receipt>;

/**
 * The writer's promise for one committed batch. The signature (Ed25519, by the receipt key of the epoch) is over
 * SHA-256("strongroom/receipt/1" 0x00 canonical({ epoch, first, count, root })).
 */
export const AppendReply = closed({
  receiptKey: SignedStatement,
  batches: Type.Array(
    closed({
      epoch: Version,
      first: Count,
      count: Version,
      root: Bytes32,
      signature: Signature,
      receipts: Type.Array(Receipt, { minItems: 1, maxItems: 256 }),
    }),
    { maxItems: 256 },
  ),
  /** Entries that were not taken because another body has their (actor, request id, phase). */
  replayed: Type.Array(Count, { maxItems: 256 }),
});
export type AppendReply = Static<typeof AppendReply>;
