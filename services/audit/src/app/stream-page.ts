/**
 * The next page for one sink: read behind its cursor, delivered, acknowledged. Only what a signed checkpoint covers is
 * streamed, so what a receiver holds can always be proven. A page is bounded, and the writer is neither asked nor waited for.
 */
import type { SinkDefinition } from '@strongroom/contracts';
import { cutPage } from '../domain/page.ts';
import { checkpointLine, sinkLine } from '../domain/sink-line.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { EntryReader } from '../ports/entry-reader.ts';
import type { Sink, SinkPage } from '../ports/sink.ts';
import type { SinkCursors } from '../ports/sink-cursors.ts';
import { tampered } from './read-tail.ts';

export interface StreamPageParts {
  readonly origin: string;
  readonly reader: Pick<EntryReader, 'find'>;
  readonly checkpoints: Pick<CheckpointStore, 'newest'>;
  readonly cursors: SinkCursors;
}

export interface SinkProgress {
  /** First entry that the sink does not have. */
  readonly next: number;
  /** Signed entries that it does not have. */
  readonly lag: number;
}

const pageEntriesMax = 256;

/** Throws what reading and the sink throw, and `record-tampered` where the log does not hold what the cursor says. */
export function makeStreamPage({ origin, reader, checkpoints, cursors }: StreamPageParts) {
  const read = async (next: number, checkpoint: { size: number; note: string }) => {
    const found = await reader.find({
      first: next,
      end: checkpoint.size,
      anyOf: [{ objects: [] }],
      order: 'oldest-first',
      limit: pageEntriesMax + 1,
    });
    const { items } = cutPage(found, pageEntriesMax, ({ leaf }) => leaf.length);
    const gap = items.findIndex(({ index }, at) => index !== next + at);
    if (items.length === 0 || gap >= 0) throw tampered(`entry ${next + Math.max(gap, 0)} is not there`);
    const end = next + items.length;
    const page: SinkPage = {
      lines: items.map(({ index, leaf }) => sinkLine(origin, index, leaf)),
      ...(end === checkpoint.size ? { checkpoint: checkpointLine(origin, checkpoint.note) } : {}),
    };
    return { page, end };
  };

  return async (definition: SinkDefinition, sink: Sink, signal: AbortSignal): Promise<SinkProgress> => {
    const kept = await cursors.next(definition.id);
    const next = kept ?? definition.from;
    const checkpoint = await checkpoints.newest();
    // Who moves a cursor ahead would silence the sink, and it would look as if it had everything.
    if (kept !== undefined && kept > (checkpoint?.size ?? 0)) throw tampered('a sink has more than there is');
    // A sink may be made to begin with entries that are yet to come.
    if (checkpoint === undefined || next >= checkpoint.size) return { next, lag: 0 };
    const { page, end } = await read(next, checkpoint);
    signal.throwIfAborted();
    await sink.deliver(page, signal);
    await cursors.advance(definition.id, end);
    return { next: end, lag: checkpoint.size - end };
  };
}
