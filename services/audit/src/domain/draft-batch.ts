/** Turns what waits into one batch: places, leaves, tree nodes, and for each message what became of its entries. */
import { Buffer } from 'node:buffer';
import type { EntryPlacement, SignedStatement } from '@strongroom/contracts';
import { type CompactRange, leafHash, type StoredNode } from '@strongroom/merkle';
import type { KeptEntry, NewAppend, NewBatch, NewEntry } from './batch.ts';
import { leafData, type ReceivedBody, uniqueKey } from './entry.ts';
import { objectKey, SequenceDraft } from './placement.ts';

export interface DraftInput {
  readonly appends: readonly {
    readonly worker: SignedStatement;
    readonly signature: string;
    readonly bodies: readonly ReceivedBody[];
  }[];
  /** Unique keys that the log has already, with their entries. */
  readonly excluded: ReadonlyMap<string, KeptEntry>;
  readonly committed: ReadonlyMap<string, number>;
  /** Changed by the draft. */
  readonly tree: CompactRange;
  readonly epoch: number;
  readonly at: string;
}

export interface AppendOutcome {
  readonly placed: readonly {
    readonly position: number;
    readonly index: number;
    readonly placement: EntryPlacement;
  }[];
  /** The same body is in the log: promised again. */
  readonly again: readonly { readonly position: number; readonly kept: KeptEntry }[];
  /** Another body has the key: refused. */
  readonly replayed: readonly number[];
}

export interface DraftedBatch {
  readonly batch: NewBatch;
  readonly outcomes: readonly AppendOutcome[];
  readonly tree: CompactRange;
  readonly taken: ReadonlyMap<string, number>;
}

export function draftBatch(input: DraftInput): DraftedBatch {
  const { appends, excluded, committed, tree, epoch, at } = input;
  const first = tree.size;
  const sequences = new SequenceDraft(committed);
  const entries: NewEntry[] = [];
  const nodes: StoredNode[] = [];
  const newAppends: NewAppend[] = [];
  const inBatch = new Set<string>();

  const outcomes = appends.map(({ worker, signature, bodies }): AppendOutcome => {
    const id = tree.size;
    const placed: { position: number; index: number; placement: EntryPlacement }[] = [];
    const again: { position: number; kept: KeptEntry }[] = [];
    const replayed: number[] = [];
    for (const [position, received] of bodies.entries()) {
      const key = uniqueKey(received.body);
      const kept = excluded.get(key);
      if (kept !== undefined && Buffer.compare(kept.bodyHash, received.hash) === 0) {
        again.push({ position, kept });
      } else if (kept !== undefined || inBatch.has(key)) {
        replayed.push(position);
      } else {
        inBatch.add(key);
        const placement = sequences.place(received.body, at);
        const index = tree.size;
        const leaf = leafData(received, placement);
        nodes.push(...tree.append(leafHash(leaf)));
        entries.push(toEntry(received, placement, { index, leaf, append: id, offset: position }));
        placed.push({ position, index, placement });
      }
    }
    if (placed.length > 0) {
      newAppends.push({ id, worker, signature, bodyHashes: Buffer.concat(bodies.map(({ hash }) => hash)) });
    }
    return { placed, again, replayed };
  });
  return {
    batch: { epoch, first, entries, appends: newAppends, nodes },
    outcomes,
    tree,
    taken: sequences.taken,
  };
}

function toEntry(
  { body, hash }: ReceivedBody,
  placement: EntryPlacement,
  place: Pick<NewEntry, 'index' | 'leaf' | 'append' | 'offset'>,
): NewEntry {
  return {
    ...place,
    bodyHash: hash,
    at: placement.at,
    actor: body.actor.id,
    operation: body.operation,
    outcome: body.outcome,
    phase: body.phase,
    requestId: body.requestId,
    actorSeq: placement.actorSeq,
    objects: body.objects.map((object, at) => ({
      key: objectKey(object),
      seq: placement.objectSeqs[at] ?? 0,
    })),
  };
}
