/**
 * What a sink gets of one entry: where it stands in which log, its leaf hash, and the leaf itself octet for octet. So a
 * receiver can hash every leaf again, see every gap, and prove against a checkpoint that it holds the whole log.
 */
import { encodeBytes } from '@strongroom/canonical';
import type { Entry, EntryOutcome } from '@strongroom/contracts';
import { leafHash } from '@strongroom/merkle';

export interface SinkLine {
  readonly index: number;
  /** Time of the log. */
  readonly at: string;
  readonly outcome: EntryOutcome;
  /** Canonical JSON of `{ entry, index, leafHash, origin }`, without a line end. */
  readonly text: string;
  /** The same without the entry, for a receiver that does not take as much. */
  readonly brief: string;
}

export function sinkLine(origin: string, index: number, leaf: Uint8Array): SinkLine {
  const entry = Buffer.from(leaf).toString('utf8');
  const { body, placement } = JSON.parse(entry) as Entry;
  const place = `"index":${index},"leafHash":"${encodeBytes(leafHash(leaf))}","origin":${JSON.stringify(origin)}}`;
  return {
    index,
    at: placement.at,
    outcome: body.outcome,
    text: `{"entry":${entry},${place}`,
    brief: `{"entryBytes":${leaf.length},${place}`,
  };
}

/** The signed tree head that covers all lines before it. */
export function checkpointLine(origin: string, note: string): string {
  return `{"checkpoint":${JSON.stringify(note)},"origin":${JSON.stringify(origin)}}`;
}
