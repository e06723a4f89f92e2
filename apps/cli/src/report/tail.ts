/**
 * The log as it grows. Every page is an answer that the worker sealed for the asker; what carries it can delay it and nothing
 * else. The index of the last entry is all that has to be kept to go on after a break: nothing is missed, nothing comes twice.
 */
import type { AuditFilter, IndexedEntry } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Ask } from './ask.ts';

export interface TailOptions {
  readonly ask: Ask;
  readonly filter: AuditFilter;
  /** Index of the first entry that is wanted. */
  readonly first: number;
  /** Between two questions. The log is not asked at once again: every question is an entry of it too. */
  readonly pause: () => Promise<void>;
}

const pageMax = 200;

/** Never ends by itself. Throws what a question throws, `absent` for entries that only the archive has, and `record-tampered` where the log lacks an entry. */
export async function* tailOf({ ask, filter, first, pause }: TailOptions): AsyncGenerator<IndexedEntry> {
  let from = first;
  for (;;) {
    let next: string | undefined;
    do {
      const after = next === undefined ? {} : { after: next };
      const page = await ask('audit.query', {
        filter,
        limit: pageMax,
        order: 'oldest-first',
        first: from,
        ...after,
      });
      if (from < page.heldFrom) {
        const detail = `entries before ${page.heldFrom} are in the archive alone: export them, and go on from there`;
        throw new StrongroomError('absent', { detail });
      }
      if (!page.complete) {
        throw new StrongroomError('record-tampered', {
          detail: `entries are missing from ${from} to ${page.size}`,
        });
      }
      yield* page.entries;
      next = page.next;
      // Without matches too the reader has seen the log up to its size.
      if (next === undefined) from = Math.max(from, page.size);
    } while (next !== undefined);
    await pause();
  }
}
