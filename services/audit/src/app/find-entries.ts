/** Entries oldest first, wherever they are: in the archive where their rows are gone, in the database otherwise. */
import type { AuditFilter } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { NewAppend } from '../domain/batch.ts';
import type { EntrySpan } from '../domain/entry-selection.ts';
import type { EntryReader, ReadEntry } from '../ports/entry-reader.ts';
import type { FindArchived } from './find-archived.ts';

export interface Wanted extends EntrySpan {
  /** The span of time that `first` and `end` are bounds of. */
  readonly times: Pick<AuditFilter, 'from' | 'to'>;
  readonly limit: number;
}

export interface FoundEntries {
  readonly entries: readonly ReadEntry[];
  /** At least those that the entries came in. */
  readonly appends: readonly NewAppend[];
  /** Everything before this index was looked at; where it is less than what was wanted, the rest is to be asked for again. */
  readonly end: number;
}

export interface FindEntriesParts {
  readonly reader: Pick<EntryReader, 'find' | 'appends' | 'heldFrom'>;
  /** Absent where no archive is configured. */
  readonly findArchived?: FindArchived | undefined;
}

export type FindEntries = (wanted: Wanted) => Promise<FoundEntries>;

/** The returned function throws `audit-unavailable` where rows are gone and there is no archive; what reading throws. */
export function makeFindEntries({ reader, findArchived }: FindEntriesParts): FindEntries {
  return async function find(wanted): Promise<FoundEntries> {
    const { first, end, anyOf, limit } = wanted;
    const heldFrom = await reader.heldFrom();
    if (first < Math.min(end, heldFrom)) {
      if (findArchived === undefined) {
        const detail = `entries before ${heldFrom} are in the archive, and none is configured`;
        throw new StrongroomError('audit-unavailable', { detail });
      }
      return findArchived({ ...wanted, end: Math.min(end, heldFrom) });
    }
    const entries = await reader.find({ first, end, anyOf, order: 'oldest-first', limit });
    const appends = await reader.appends([...new Set(entries.map(({ append }) => append))]);
    // Rows may have left while they were looked for; that they are gone is known before they are.
    return first < Math.min(end, await reader.heldFrom()) ? find(wanted) : { entries, appends, end };
  };
}
