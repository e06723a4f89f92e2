/**
 * A question by one actor, key or secret whose answer is proven to be whole: a roll call, then an export that holds it, verified
 * line by line as a bundle is and never written to a file. Memory: the newest entries that are to be shown.
 */
import { decodeBytes } from '@strongroom/canonical';
import type {
  AuditExportReply,
  AuditFilter,
  Entry,
  ExportedEntry,
  IndexedEntry,
} from '@strongroom/contracts';
import type { Ask } from '../report/ask.ts';
import { type VerifyResult, verifyBundle } from './verify-bundle.ts';
import { bundleLines } from './write-bundle.ts';

export interface ProvenAnswer {
  readonly result: VerifyResult;
  /** Newest first; to be believed where the verdict is `genuine`. */
  readonly newest: readonly IndexedEntry[];
}

const pageMax = 200;

export async function proveQuery(
  { ask, identity }: { readonly ask: Ask; readonly identity: string },
  filter: AuditFilter,
  limit: number,
): Promise<ProvenAnswer> {
  let newest: readonly ExportedEntry[] = [];
  async function* pages(): AsyncGenerator<AuditExportReply> {
    let page: AuditExportReply | undefined;
    do {
      const on = page?.next === undefined ? {} : { after: page.next, checkpointSize: page.checkpointSize };
      page = await ask('audit.export', { filter, limit: pageMax, ...on });
      newest = [...newest, ...page.entries].slice(-limit);
      yield page;
    } while (page.next !== undefined);
  }
  const trusted = { identity: decodeBytes(identity) };
  const result = await verifyBundle(bundleLines(pages(), { filter, identity }), trusted);
  const shown = result.verdict === 'genuine' ? newest : [];
  return {
    result,
    newest: shown
      .map(({ index, entry }) => ({
        index,
        entry: JSON.parse(Buffer.from(decodeBytes(entry)).toString('utf8')) as Entry,
      }))
      .toReversed(),
  };
}
