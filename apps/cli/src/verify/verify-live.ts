/**
 * The newest checkpoint of the running log against one that was kept. The proof is an export of the last entry that was there
 * then: asked for by its request, as everybody asks for entries. The first time there is nothing to compare with.
 */
import type { AuditExportReply, AuditFilter } from '@strongroom/contracts';
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

const pageMax = 200;
/** A request that has more entries than this is not looked through. */
const pagesMax = 10;

export async function verifyLive(
  { ask, identity }: LiveLog,
  kept: string | undefined,
  trusted: TrustedIdentity,
): Promise<LiveResult> {
  const before = kept === undefined ? undefined : readTree(kept);
  const opened = kept === undefined ? [] : openTrees([before], trusted);
  if (typeof opened === 'string') return refused(`what was kept: ${opened}`);
  const [older] = opened;
  const pages = exported(ask, await filterOf(ask, older?.size ?? 0));
  let newest: AuditExportReply | undefined;
  let last: AuditExportReply['entries'][number] | undefined;
  for await (const page of pages) {
    newest ??= page;
    last = page.entries.find(({ index }) => index + 1 === older?.size);
    if (last !== undefined) break;
  }
  if (newest === undefined) return refused('the log answers without a page');
  const note = withCosignatures(newest.checkpoint, newest.cosignatures ?? []);
  const certificate = { identity, logKey: newest.logKey };
  const now = openTrees([{ note, certificate }], trusted);
  if (typeof now === 'string') return refused(`what the log shows: ${now}`);
  const newer = now[0] as (typeof now)[number];
  if (older !== undefined && newer.size < older.size) {
    const { verdict: _, ...trees } = await compareTrees(older, newer, async () => undefined);
    return { continuity: { ...trees, verdict: 'refused', reasons: ['the log is shorter than it was'] } };
  }
  const found = last;
  const continuity = await compareTrees(older ?? newer, newer, async () =>
    found === undefined ? undefined : inclusionOf(found),
  );
  return continuity.verdict === 'consistent'
    ? { continuity, keep: keptLine(note, certificate) }
    : { continuity };
}

/** For the entry that was the last one then. With nothing kept any question will do: only the checkpoint is looked at. */
async function filterOf(ask: Ask, size: number): Promise<AuditFilter> {
  if (size === 0) return {};
  const asked = { filter: {}, limit: 1, order: 'oldest-first', first: size - 1 } as const;
  const [entry] = (await ask('audit.query', asked)).entries;
  return entry === undefined ? {} : { requestId: entry.entry.body.requestId };
}

async function* exported(ask: Ask, filter: AuditFilter): AsyncGenerator<AuditExportReply> {
  let [next, checkpointSize]: [string?, number?] = [];
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page: AuditExportReply = await ask('audit.export', {
      filter,
      limit: filter.requestId === undefined ? 1 : pageMax,
      ...(next === undefined ? {} : { after: next }),
      ...(checkpointSize === undefined ? {} : { checkpointSize }),
    });
    yield page;
    next = page.next;
    checkpointSize = page.checkpointSize;
    if (next === undefined || filter.requestId === undefined) return;
  }
}

const refused = (reason: string): LiveResult => ({ continuity: { verdict: 'refused', reasons: [reason] } });
