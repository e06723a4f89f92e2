/**
 * Receipts: the signed promise of where each entry is. Made only after the batch is durable. Entries of a message follow
 * each other in the log, so one signature promises all of them, and no path has to travel.
 */
import type { AppendReply, ReceiptRun, SignedStatement } from '@strongroom/contracts';
import { rootHash } from '@strongroom/merkle';
import type { BatchDraft, Place } from '../domain/draft-batch.ts';
import type { ReceiptKey } from './receipt-key.ts';

interface PlacedLeaf extends Place {
  readonly leafHash: Uint8Array;
}

/** One answer for each message of the batch, in their order. */
export function answerAppends(
  { batch: { first, entries }, outcomes }: BatchDraft,
  key: ReceiptKey,
  certificate: SignedStatement,
): readonly AppendReply[] {
  const leafOf = (index: number) => (entries[index - first] as (typeof entries)[number]).leafHash;
  return outcomes.map(({ placed, again, replayed }) => {
    const own = placed.map((place) => ({ ...place, leafHash: leafOf(place.index) }));
    // What the log has held since before is promised anew: a receipt of an epoch that is over is refused.
    const all = [...own, ...again].sort((left, right) => left.index - right.index);
    return {
      receiptKey: certificate,
      runs: runsOf(all).map((run) => promise(key, run)),
      replayed: [...replayed],
    };
  });
}

function promise(key: ReceiptKey, run: readonly PlacedLeaf[]): ReceiptRun {
  const first = (run[0] as PlacedLeaf).index;
  const leaves = new Map(run.map(({ index, leafHash }) => [index, leafHash]));
  const count = leaves.size;
  const signature = key.sign({ first, count, root: rootHash([...leaves.values()]) });
  const receipts = run.map(({ index, position, placement }) => ({
    position,
    offset: index - first,
    placement,
  }));
  return { first, count, signature, receipts };
}

/** Entries whose indexes are the same or follow each other. */
function runsOf(places: readonly PlacedLeaf[]): readonly (readonly PlacedLeaf[])[] {
  const runs: PlacedLeaf[][] = [];
  for (const place of places) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && place.index - last.index <= 1) run.push(place);
    else runs.push([place]);
  }
  return runs;
}
