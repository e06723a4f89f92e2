/** Receipts: the signed promise of where each entry is. Made only after the batch is durable. */
import { encodeBytes } from '@strongroom/canonical';
import type { AppendReply, Receipt, SignedStatement } from '@strongroom/contracts';
import { type BatchProofs, batchProofs } from '@strongroom/merkle';
import type { AppendOutcome, BatchDraft, Place } from '../domain/draft-batch.ts';
import type { ReceiptKey } from './receipt-key.ts';

type SignedBatch = AppendReply['batches'][number];
type AgainPlace = AppendOutcome['again'][number];

/** One answer for each message of the batch, in their order. */
export function answerAppends(
  { batch, outcomes }: BatchDraft,
  key: ReceiptKey,
  certificate: SignedStatement,
): readonly AppendReply[] {
  const { first, entries } = batch;
  const proofs = batchProofs(entries.map(({ leafHash }) => leafHash));
  const signature = entries.length === 0 ? '' : key.sign({ first, count: entries.length, root: proofs.root });
  const own = (places: readonly Place[]): SignedBatch[] =>
    places.length === 0 ? [] : [{ ...batchOf(key, first, entries.length, proofs, places), signature }];
  return outcomes.map(({ placed, again, replayed }) => ({
    receiptKey: certificate,
    batches: [...own(placed), ...runsOf(again).map((run) => promiseAgain(key, run))],
    replayed: [...replayed],
  }));
}

/**
 * What the log has held since before is promised anew by the writer of now: the same index and placement under the
 * current epoch, since a receipt of an epoch that is over is refused. Neighbours share one signature.
 */
function promiseAgain(key: ReceiptKey, run: readonly AgainPlace[]): SignedBatch {
  const first = (run[0] as AgainPlace).index;
  const proofs = batchProofs(run.map(({ leafHash }) => leafHash));
  const signature = key.sign({ first, count: run.length, root: proofs.root });
  return { ...batchOf(key, first, run.length, proofs, run), signature };
}

function batchOf(
  { epoch }: ReceiptKey,
  first: number,
  count: number,
  { root, paths }: BatchProofs,
  places: readonly Place[],
): Omit<SignedBatch, 'signature'> {
  const receipts = places.map(
    ({ index, position, placement }): Receipt => ({
      index,
      position,
      placement,
      path: (paths[index - first] ?? []).map(encodeBytes),
      offset: index - first,
    }),
  );
  return { epoch, first, count, root: encodeBytes(root), receipts };
}

/** Entries whose indexes follow each other. */
function runsOf(places: readonly AgainPlace[]): readonly (readonly AgainPlace[])[] {
  const runs: AgainPlace[][] = [];
  for (const place of places) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.index === place.index - 1) run.push(place);
    else runs.push([place]);
  }
  return runs;
}
