import { encodeBytes } from '@strongroom/canonical';
import type { AuditExportReply, AuditExportRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { inclusionPathsFrom } from '@strongroom/merkle';
import type { NewAppend } from '../domain/batch.ts';
import { formatCursor, readCursor } from '../domain/cursor.ts';
import type { LogStore } from '../ports/log-store.ts';

const hashBytes = 32;

/** A page of entries, each with its proof to one signed checkpoint and the message that a worker signed it in. */
export function makeExportLog({ store }: { store: LogStore }) {
  return async (request: AuditExportRequest): Promise<AuditExportReply> => {
    const { filter, limit, checkpointSize } = request;
    const after = readCursor(request.after);
    const checkpoint = await store.checkpoint(checkpointSize);
    if (checkpoint === undefined)
      throw new StrongroomError('absent', { detail: 'no checkpoint is signed yet' });
    const { size, note, logKey } = checkpoint;
    const found = await store.search({ filter, size, after, order: 'oldest-first', limit: limit + 1 });
    const page = found.slice(0, limit);
    const proofs = await inclusionPathsFrom(
      page.map(({ index }) => index),
      size,
      (places) => store.nodes(places),
    );
    const appends = await store.appends([...new Set(page.map(({ append }) => append))]);
    const last = page.at(-1);
    return {
      checkpoint: note,
      checkpointSize: size,
      logKey,
      entries: page.map(({ index, leaf, append, offset }, at) => ({
        index,
        entry: encodeBytes(leaf),
        proof: (proofs[at] ?? []).map(encodeBytes),
        append,
        offset,
      })),
      appends: appends.map(toExported),
      ...(found.length > limit && last !== undefined ? { next: formatCursor(last.index) } : {}),
    };
  };
}

function toExported({ id, worker, bodyHashes, signature }: NewAppend) {
  const count = bodyHashes.length / hashBytes;
  const hashes = Array.from({ length: count }, (_, at) =>
    encodeBytes(bodyHashes.subarray(at * hashBytes, (at + 1) * hashBytes)),
  );
  return { id, worker, bodyHashes: hashes, signature };
}
