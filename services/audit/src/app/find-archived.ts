/**
 * Searches the archive, tile by tile and without an index: for exports and sinks, which want entries whose rows are gone. One
 * call looks at a bounded number of tiles and says how far it came.
 */
import type { AuditFilter, Entry } from '@strongroom/contracts';
import { type EntryConditions, fits } from '../domain/entry-selection.ts';
import { tileWidth } from '../domain/tile.ts';
import { type ReadTileParts, readLeaves, readSigners } from './archived-tile.ts';
import type { FoundEntries, Wanted } from './find-entries.ts';

/** Some 8 MiB, and with storage across a network still well within the time of a question. */
const tilesMaxDefault = 32;

export type FindArchived = (wanted: Wanted) => Promise<FoundEntries>;

/** The returned function throws `record-tampered` for what is not of the log, and what the archive throws. */
export function makeFindArchived({
  tilesMax = tilesMaxDefault,
  ...parts
}: ReadTileParts & { readonly tilesMax?: number }): FindArchived {
  return async ({ first, end, anyOf, times, limit }) => {
    const entries: FoundEntries['entries'][number][] = [];
    const appends = new Map<number, FoundEntries['appends'][number]>();
    const from = Math.floor(first / tileWidth);
    const to = Math.min(Math.ceil(end / tileWidth), from + tilesMax);
    for (let tile = from; tile < to; tile += 1) {
      const leaves = await readLeaves(parts, tile);
      const matches = leaves.flatMap((leaf, at) => {
        const index = tile * tileWidth + at;
        return index >= first && index < end && isWanted(leaf, anyOf, times) ? [{ index, leaf, at }] : [];
      });
      if (matches.length === 0) continue;
      const signers = await readSigners(parts, tile);
      for (const { index, leaf, at } of matches) {
        const [append, offset] = signers.places[at] as [number, number];
        entries.push({ index, leaf, append, offset });
        // One more than may be handed out shows that there are more.
        if (entries.length === limit) break;
      }
      for (const append of signers.appends) appends.set(append.id, append);
      if (entries.length === limit)
        return { entries, appends: [...appends.values()], end: (entries.at(-1)?.index ?? 0) + 1 };
    }
    return { entries, appends: [...appends.values()], end: Math.min(to * tileWidth, end) };
  };
}

function isWanted(
  leaf: Uint8Array,
  anyOf: readonly EntryConditions[],
  { from, to }: Pick<AuditFilter, 'from' | 'to'>,
): boolean {
  const entry = JSON.parse(Buffer.from(leaf).toString('utf8')) as Entry;
  const { at } = entry.placement;
  if ((from !== undefined && at < from) || (to !== undefined && at >= to)) return false;
  return anyOf.some((conditions) => fits(entry, conditions));
}
