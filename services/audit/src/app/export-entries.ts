/**
 * Entries with everything to verify them offline: the proof to one signed checkpoint, and the append message that a
 * worker signed. All pages of an export are proven to the checkpoint of its first page.
 */
import { encodeBytes } from '@strongroom/canonical';
import type { AuditExportReply, AuditExportRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type FetchNodes, inclusionPathsFrom, leafHash, rootFromInclusion } from '@strongroom/merkle';
import type { NewAppend } from '../domain/batch.ts';
import { formatCursor, readCursor } from '../domain/cursor.ts';
import { conditionsOf } from '../domain/entry-selection.ts';
import { cutPage, nextOf } from '../domain/page.ts';
import type { CheckpointStore, StoredCheckpoint } from '../ports/checkpoint-store.ts';
import type { EntryReader, ReadEntry } from '../ports/entry-reader.ts';
import { toExported } from './exported-append.ts';
import type { FindEntries } from './find-entries.ts';
import { type CheckpointTrust, openCheckpoint } from './open-checkpoint.ts';
import { tampered } from './read-tail.ts';
import { selectRange } from './select-range.ts';

export interface ExportEntriesParts {
  readonly reader: Pick<EntryReader, 'firstSince' | 'heldFrom'>;
  readonly findEntries: FindEntries;
  readonly checkpoints: CheckpointStore;
  readonly fetchNodes: FetchNodes;
  readonly trust: CheckpointTrust;
  /** How many witnesses have to have cosigned the checkpoint of an export. */
  readonly cosignaturesMin: number;
  /** Has what is committed by now signed, if somebody can; must not throw. */
  readonly bringUpToDate: () => Promise<void>;
}

const hashBytes = 32;
/** Of the proof and the names of the members: some 25 hashes of 43 characters and two quotes. */
const entryBytes = 1_200;
/** Of a worker statement and the signature. */
const appendBytes = 700;
const bodyHashBytes = 46;
const retryAfterMs = 1_000;

/** The returned function throws `request-invalid`, `database-unavailable`, `record-tampered`, `audit-unavailable`. */
export function makeExportEntries(parts: ExportEntriesParts) {
  const { reader, findEntries, checkpoints, fetchNodes, trust } = parts;
  return async (request: AuditExportRequest): Promise<AuditExportReply> => {
    const { filter, limit, after, first: floor = 0 } = request;
    const anyOf = conditionsOf(filter);
    const checkpoint = await checkpointFor(parts, request);
    const { size, note, logKey, cosignatures } = checkpoint;
    const { root } = openCheckpoint(checkpoint, trust);
    const cursor = after === undefined ? undefined : readCursor(after, 'export', filter);
    if (cursor !== undefined && cursor.size !== size) throw invalid('/checkpointSize');
    const range = await selectRange(reader, filter, size, 'oldest-first', cursor);
    const first = Math.max(range.first, floor);
    const wanted = { first, end: range.end, anyOf, times: filter, limit: limit + 1 };
    const { entries, appends, end } = await findEntries(wanted);
    const page = cutPage(entries, limit, sizesWith(appends));
    const shown = new Set(page.items.map(({ append }) => append));
    const paths = await inclusionPathsFrom(
      page.items.map(({ index }) => index),
      size,
      fetchNodes,
    );
    for (const [at, entry] of page.items.entries()) assertProven(entry, paths[at] ?? [], size, root);
    return {
      checkpoint: note,
      checkpointSize: size,
      ...(cosignatures.length === 0 ? {} : { cosignatures: [...cosignatures] }),
      logKey,
      entries: page.items.map(({ index, leaf, append, offset }, at) => ({
        index,
        entry: encodeBytes(leaf),
        proof: (paths[at] ?? []).map(encodeBytes),
        append,
        offset,
      })),
      appends: appends.filter(({ id }) => shown.has(id)).map(toExported),
      ...(page.isFull || end >= range.end
        ? nextOf(page, size, undefined, 'export', filter)
        : { next: formatCursor({ index: end - 1, size, sequence: 0 }, 'export', filter) }),
    };
  };

  async function checkpointFor(
    { bringUpToDate, cosignaturesMin }: ExportEntriesParts,
    { checkpointSize }: AuditExportRequest,
  ): Promise<StoredCheckpoint> {
    if (checkpointSize === undefined) {
      // What happened a moment ago belongs into an export that is asked for now.
      await bringUpToDate();
      const newest = await checkpoints.newest(cosignaturesMin);
      if (newest !== undefined) return newest;
      const detail =
        cosignaturesMin === 0
          ? 'no checkpoint is signed yet'
          : `no checkpoint is cosigned by ${cosignaturesMin} witnesses yet`;
      throw new StrongroomError('audit-unavailable', { detail, retryAfterMs });
    }
    const checkpoint = await checkpoints.ofSize(checkpointSize);
    if (checkpoint === undefined) throw invalid('/checkpointSize');
    return checkpoint;
  }
}

/** What was changed in the store is found here, by its index, and not only by the auditor. */
function assertProven(
  { index, leaf }: ReadEntry,
  path: readonly Uint8Array[],
  size: number,
  root: Uint8Array,
): void {
  const proven = rootFromInclusion(leafHash(leaf), index, size, path);
  if (proven === undefined || Buffer.compare(proven, root) !== 0) {
    throw tampered(`entry ${index} is not in the signed tree`);
  }
}

/** Size of each entry on the page; an append message counts for the first entry that brings it along. */
function sizesWith(appends: readonly NewAppend[]): (entry: ReadEntry) => number {
  const waiting = new Map(
    appends.map(({ id, bodyHashes }) => [id, appendBytes + (bodyHashes.length / hashBytes) * bodyHashBytes]),
  );
  return ({ leaf, append }) => {
    const own = Math.ceil((leaf.length * 4) / 3) + entryBytes + (waiting.get(append) ?? 0);
    waiting.delete(append);
    return own;
  };
}

const invalid = (detail: string): StrongroomError => new StrongroomError('request-invalid', { detail });
