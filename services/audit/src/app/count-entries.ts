/**
 * How many entries of the log fit a filter, by one of their columns. Counting reads every entry that fits, so it is
 * bounded by the span that it looks at; where that is shorter than what was asked for the answer says so.
 */
import type { AuditCountReply, AuditCountRequest } from '@strongroom/contracts';
import { conditionsOf } from '../domain/entry-selection.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { EntryReader } from '../ports/entry-reader.ts';
import { selectRange } from './select-range.ts';

export interface CountEntriesParts {
  readonly reader: EntryReader;
  readonly checkpoints: Pick<CheckpointStore, 'newest'>;
  /** Entries that one answer looks at, at most; the newest of the span. */
  readonly entriesMax?: number;
}

/** Measured on two busy cores: 5 s for a million where all of them fit, which is too near to what a reader waits. */
const entriesMaxDefault = 250_000;

/** The returned function throws `request-invalid`, `database-unavailable`. */
export function makeCountEntries({ reader, checkpoints, entriesMax = entriesMaxDefault }: CountEntriesParts) {
  return async ({ filter, by, limit }: AuditCountRequest): Promise<AuditCountReply> => {
    const anyOf = conditionsOf(filter);
    const size = await reader.size();
    const range = await selectRange(reader, filter, size, 'oldest-first', undefined);
    const first = Math.max(range.first, range.end - entriesMax);
    const [{ total, counts }, checkpoint] = await Promise.all([
      reader.count({ first, end: range.end, anyOf }, by, limit),
      checkpoints.newest(),
    ]);
    const heldFrom = await reader.heldFrom();
    return {
      counts: [...counts],
      total,
      complete: first === range.first && first >= Math.min(range.end, heldFrom),
      first,
      size,
      checkpointSize: checkpoint?.size ?? 0,
      heldFrom,
    };
  };
}
