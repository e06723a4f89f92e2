/**
 * Turns append messages into one batch: places, leaves, tree nodes, and for each message what became of its entries. Pure:
 * the tree that it grows is a copy and the numbers are a draft, so a batch that is not committed leaves no trace.
 */
import type { EntryPlacement, SignedStatement } from '@strongroom/contracts';
import { type CompactRange, leafHash, type StoredNode } from '@strongroom/merkle';
import type { EntryKey, NewAppend, NewBatch, NewEntry, PlacedEntry } from './batch.ts';
import { isLeafOf, leafData, type PreparedBody, placementOf } from './entry.ts';
import type { SequenceDraft } from './sequence-book.ts';
import { objectName, storable } from './subject.ts';
import { isTileNode } from './tile.ts';

/** A message whose signature was checked. */
export interface AppendMessage {
  readonly worker: SignedStatement;
  readonly signature: Uint8Array;
  readonly bodies: readonly PreparedBody[];
}

export interface Place {
  /** In the append message. */
  readonly position: number;
  readonly index: number;
  readonly placement: EntryPlacement;
}

export interface AppendOutcome {
  /** In this batch. */
  readonly placed: readonly Place[];
  /** The log has held the same body since before: promised again. */
  readonly again: readonly (Place & { readonly leafHash: Uint8Array })[];
  /** Positions of bodies whose (actor, request id, phase) another body holds. */
  readonly replayed: readonly number[];
}

export interface DraftInput {
  readonly epoch: number;
  readonly at: string;
  readonly messages: readonly AppendMessage[];
  /** Entries that hold a key of this batch already. */
  readonly held: ReadonlyMap<string, PlacedEntry>;
  /** Grown by the draft: hand in a copy. */
  readonly tree: CompactRange;
  readonly sequences: SequenceDraft;
}

export interface BatchDraft {
  readonly batch: NewBatch;
  /** In the order of the messages. */
  readonly outcomes: readonly AppendOutcome[];
  readonly tree: CompactRange;
  /** Numbers to enter when the batch is durable. */
  readonly taken: ReadonlyMap<string, number>;
}

export function draftBatch(input: DraftInput): BatchDraft {
  const { epoch, at, messages, tree, sequences } = input;
  const drafting: Drafting = {
    ...input,
    first: tree.size,
    entries: [],
    appends: [],
    tileNodes: [],
    own: new Map(),
  };
  const outcomes = messages.map((message) => placeMessage(drafting, message));
  const { first, entries, appends, tileNodes } = drafting;
  return { batch: { epoch, first, at, entries, appends, tileNodes }, outcomes, tree, taken: sequences.taken };
}

/** (actor, request id, phase) of every body. */
export function entryKeysOf(messages: readonly AppendMessage[]): readonly EntryKey[] {
  return messages.flatMap(({ bodies }) =>
    bodies.map(({ body: { actor, requestId, phase } }) => ({ actor: actor.id, requestId, phase })),
  );
}

interface Drafting extends DraftInput {
  readonly first: number;
  readonly entries: NewEntry[];
  readonly appends: NewAppend[];
  readonly tileNodes: StoredNode[];
  /** Keys that this batch takes. */
  readonly own: Map<
    string,
    { readonly body: PreparedBody; readonly index: number; readonly placement: EntryPlacement }
  >;
}

function placeMessage(drafting: Drafting, message: AppendMessage): AppendOutcome {
  const { held, own, tree } = drafting;
  const id = tree.size;
  const placed: Place[] = [];
  const again: (Place & { readonly leafHash: Uint8Array })[] = [];
  const replayed: number[] = [];
  for (const [position, body] of message.bodies.entries()) {
    const before = held.get(body.key);
    const twin = own.get(body.key);
    if (before !== undefined) {
      if (!isLeafOf(before.leaf, body)) replayed.push(position);
      else
        again.push({
          position,
          index: before.index,
          placement: placementOf(before.leaf),
          leafHash: leafHash(before.leaf),
        });
    } else if (twin !== undefined) {
      // A repetition that overtook the commit of the first: both callers get the same place.
      if (twin.body.text !== body.text) replayed.push(position);
      else placed.push({ position, index: twin.index, placement: twin.placement });
    } else {
      placed.push({ position, ...placeEntry(drafting, body, id, position) });
    }
  }
  if (tree.size > id) {
    const bodyHashes = Buffer.concat(message.bodies.map(({ hash }) => hash));
    drafting.appends.push({ id, worker: message.worker, bodyHashes, signature: message.signature });
  }
  return { placed, again, replayed };
}

function placeEntry(
  drafting: Drafting,
  prepared: PreparedBody,
  append: number,
  offset: number,
): Omit<Place, 'position'> {
  const { at, tree, sequences, own, entries, tileNodes } = drafting;
  const { body } = prepared;
  const index = tree.size;
  const actorSeq = sequences.next(prepared.actor);
  const objectSeqs = [...sequences.nextOfEach(prepared.objects)];
  const { counts } = prepared;
  const counted = counts === undefined ? {} : { counted: sequences.last(counts) };
  const placement: EntryPlacement = { at, actorSeq, objectSeqs, ...counted };
  const leaf = leafData(prepared, placement);
  const hash = leafHash(leaf);
  tileNodes.push(...tree.append(hash).filter(isTileNode));
  entries.push({
    leaf,
    leafHash: hash,
    actor: body.actor.id,
    actorSeq,
    requestId: body.requestId,
    phase: body.phase,
    operation: storable(body.operation),
    outcome: body.outcome,
    cluster: body.actor.cluster,
    namespace: body.actor.namespace && storable(body.actor.namespace),
    objects: new Map(body.objects.map((object, place) => [objectName(object), objectSeqs[place] as number])),
    append,
    offset,
  });
  own.set(prepared.key, { body: prepared, index, placement });
  return { index, placement };
}
