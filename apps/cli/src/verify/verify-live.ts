/**
 * The newest checkpoint of the running log against one that was kept. The proof is an export of the last entry that was there
 * then, out of the archive if need be. The first time there is nothing to compare with.
 */
import { withCosignatures } from '@strongroom/merkle';
import type { Ask } from '../report/ask.ts';
import { type Continuity, compareTrees } from './continuity.ts';
import type { TrustedIdentity } from './open-manifest.ts';
import { inclusionOf } from './prove-leaf.ts';
import { keptLine, openTrees, readTree } from './signed-tree.ts';

export interface LiveLog {
  readonly ask: Ask;
  /** Identity key that the deployment answered with, as base64url. */
  readonly identity: string;
}

export interface LiveResult {
  readonly continuity: Continuity;
  /** What to keep from now on; absent unless the log went on from what was kept. */
  readonly keep?: string;
}

export async function verifyLive(
  { ask, identity }: LiveLog,
  kept: string | undefined,
  trusted: TrustedIdentity,
): Promise<LiveResult> {
  const before = kept === undefined ? undefined : readTree(kept);
  const opened = kept === undefined ? [] : openTrees([before], trusted);
  if (typeof opened === 'string') return refused(`what was kept: ${opened}`);
  const [older] = opened;
  const size = older?.size ?? 0;
  // With nothing kept any question will do: only the checkpoint is looked at.
  const newest = await ask('audit.export', { filter: {}, limit: 1, first: Math.max(size - 1, 0) });
  const last = newest.entries.find(({ index }) => index + 1 === size);
  const note = withCosignatures(newest.checkpoint, newest.cosignatures ?? []);
  const certificate = { identity, logKey: newest.logKey };
  const now = openTrees([{ note, certificate }], trusted);
  if (typeof now === 'string') return refused(`what the log shows: ${now}`);
  const newer = now[0] as (typeof now)[number];
  if (older !== undefined && newer.size < older.size) {
    const { verdict: _, ...trees } = await compareTrees(older, newer, async () => undefined);
    return { continuity: { ...trees, verdict: 'refused', reasons: ['the log is shorter than it was'] } };
  }
  const continuity = await compareTrees(older ?? newer, newer, async () =>
    last === undefined ? undefined : inclusionOf(last),
  );
  return continuity.verdict === 'consistent'
    ? { continuity, keep: keptLine(note, certificate) }
    : { continuity };
}

const refused = (reason: string): LiveResult => ({ continuity: { verdict: 'refused', reasons: [reason] } });
