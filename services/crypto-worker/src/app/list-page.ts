/** Pages of listings: the cursor is the id of the last record, so nothing is skipped or shown twice when records come and go. */
import { CanonicalError, decodeBytes, encodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import type { RecordKind } from '../domain/record.ts';
import type { Registry, RegistryRecord } from '../ports/registry.ts';

export interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

export interface Page<Kind extends RecordKind> {
  readonly records: readonly RegistryRecord<Kind>[];
  /** Absent on the last page. */
  readonly next?: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Throws `request-invalid` for a cursor that no page of this listing handed out. */
export async function listPage<Kind extends RecordKind>(
  registry: Pick<Registry, 'list'>,
  kind: Kind,
  prefix: string,
  { limit, after }: PageRequest,
): Promise<Page<Kind>> {
  const place = after === undefined ? {} : { after: readCursor(after, prefix) };
  // One more than asked for tells whether there is another page.
  const found = await registry.list(kind, { prefix, ...place, limit: limit + 1 });
  const records = found.slice(0, limit);
  const last = records.at(-1);
  const isMore = found.length > limit && last !== undefined;
  return { records, ...(isMore ? { next: encodeBytes(Buffer.from(last.id, 'utf8')) } : {}) };
}

function readCursor(cursor: string, prefix: string): string {
  try {
    const id = decoder.decode(decodeBytes(cursor));
    if (id.startsWith(prefix)) return id;
  } catch (fault) {
    if (!(fault instanceof CanonicalError) && !(fault instanceof TypeError)) throw fault;
  }
  throw new StrongroomError('request-invalid', { detail: '/after' });
}
