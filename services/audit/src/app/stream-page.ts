/**
 * The next page for one sink: read behind its cursor, delivered, acknowledged. Only what a checkpoint covers that has all the
 * cosignatures it needs is streamed, so what a receiver holds can always be proven. A page is bounded, and the writer is neither asked nor waited for.
 */
import type { SinkDefinition } from '@strongroom/contracts';
import { withCosignatures } from '@strongroom/merkle';
import { cutPage } from '../domain/page.ts';
import { checkpointLine, sinkLine } from '../domain/sink-line.ts';
import type { CheckpointStore, StoredCheckpoint } from '../ports/checkpoint-store.ts';
import type { Sink, SinkPage } from '../ports/sink.ts';
import type { SinkCursors } from '../ports/sink-cursors.ts';
import type { FindEntries } from './find-entries.ts';
import { tampered } from './read-tail.ts';

export interface StreamPageParts {
  readonly origin: string;
  readonly findEntries: FindEntries;
  readonly checkpoints: Pick<CheckpointStore, 'newest'>;
  readonly cursors: SinkCursors;
  /** How many witnesses have to have cosigned what leaves. */
  readonly cosignaturesMin: number;
}

export interface SinkProgress {
  /** First entry that the sink does not have. */
  readonly next: number;
  /** Entries that it does not have and that may leave. */
  readonly lag: number;
}

const pageEntriesMax = 256;

/** Throws what reading and the sink throw, and `record-tampered` where the log does not hold what the cursor says. */
export function makeStreamPage(parts: StreamPageParts) {
  const { origin, findEntries, checkpoints, cursors, cosignaturesMin } = parts;
  const read = async (next: number, checkpoint: StoredCheckpoint) => {
    const { entries } = await findEntries({
      first: next,
      end: checkpoint.size,
      anyOf: [{ objects: [] }],
      times: {},
      limit: pageEntriesMax + 1,
    });
    const { items } = cutPage(entries, pageEntriesMax, ({ leaf }) => leaf.length);
    const gap = items.findIndex(({ index }, at) => index !== next + at);
    if (items.length === 0 || gap >= 0) throw tampered(`entry ${next + Math.max(gap, 0)} is not there`);
    const end = next + items.length;
    const { note, cosignatures } = checkpoint;
    const page: SinkPage = {
      lines: items.map(({ index, leaf }) => sinkLine(origin, index, leaf)),
      ...(end === checkpoint.size
        ? { checkpoint: checkpointLine(origin, withCosignatures(note, cosignatures)) }
        : {}),
    };
    return { page, end };
  };

  /** Where more witnesses are needed than were, a sink may have more than it would get now; nobody has more than is signed. */
  const assertSigned = async (kept: number) => {
    if (kept > ((await checkpoints.newest())?.size ?? 0)) throw tampered('a sink has more than there is');
  };

  return async (definition: SinkDefinition, sink: Sink, signal: AbortSignal): Promise<SinkProgress> => {
    const kept = await cursors.next(definition.id);
    const next = kept ?? definition.from;
    const checkpoint = await checkpoints.newest(cosignaturesMin);
    // Who moves a cursor ahead would silence the sink, and it would look as if it had everything.
    if (kept !== undefined && kept > (checkpoint?.size ?? 0)) await assertSigned(kept);
    // A sink may be made to begin with entries that are yet to come.
    if (checkpoint === undefined || next >= checkpoint.size) return { next, lag: 0 };
    const { page, end } = await read(next, checkpoint);
    signal.throwIfAborted();
    await sink.deliver(page, signal);
    await cursors.advance(definition.id, end);
    return { next: end, lag: checkpoint.size - end };
  };
}
