/**
 * Proofs of single items, for those who made a batch. Everything that a proof needs is in the request and its answer, so it can
 * be made at any time later and without the platform; who checks it needs the batch's entry, from an export of the log.
 */

import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import {
  type BatchReply,
  type BatchRequest,
  checkers,
  type EntryBody,
  type ItemProof,
  type OperationName,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { itemsRoot, proveItem, verifyItem } from '@strongroom/sealed';

export interface MadeBatch {
  readonly operation: OperationName;
  readonly request: BatchRequest<object>;
  readonly result: BatchReply<object>;
  /** Index of the entry, from the answer. */
  readonly entry: number;
}

/**
 * Throws `reply-invalid` for an answer whose root is not that of its items: the worker's entry would then not prove them, and
 * the time to know is now.
 */
export function requireProvable({
  request: { items },
  result: { results, root, seed },
}: Omit<MadeBatch, 'entry'>): void {
  const isWhole = items.length === results.length;
  if (!isWhole || encodeBytes(itemsRoot(decodeBytes(seed), { requests: items, results })) !== root)
    throw new StrongroomError('reply-invalid', { detail: 'the root is not that of the items' });
}

/** Throws `RangeError` for an index outside of the batch, and what `requireProvable` throws. */
export function proveBatchItem(batch: MadeBatch, index: number): ItemProof {
  requireProvable(batch);
  const { operation, entry, request, result } = batch;
  const { results, seed } = result;
  return proveItem({ operation, entry, requests: request.items, results, seed }, index);
}

/** Whether the proof, from whoever it comes, is of an item of the batch that the entry records. */
export function verifyBatchItem(proof: unknown, entry: EntryBody): boolean {
  return checkers.itemProof.check(proof) && verifyItem(proof, entry);
}
