import type { AuditQueryReply, AuditQueryRequest, Entry } from '@strongroom/contracts';
import { formatCursor, readCursor } from '../domain/cursor.ts';
import type { LogStore } from '../ports/log-store.ts';

/** One page. The pages up to here hold every match below `size`: there is no silent limit. */
export function makeQueryLog({ store }: { store: LogStore }) {
  return async (request: AuditQueryRequest): Promise<AuditQueryReply> => {
    const { filter, limit, order } = request;
    const after = readCursor(request.after);
    const [{ size }, checkpoint] = await Promise.all([store.state(), store.checkpoint()]);
    const found = await store.search({ filter, size, after, order, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      entries: page.map(({ index, leaf }) => ({
        index,
        entry: JSON.parse(Buffer.from(leaf).toString()) as Entry,
      })),
      ...(found.length > limit && last !== undefined ? { next: formatCursor(last.index) } : {}),
      complete: true,
      size,
      checkpointSize: checkpoint?.size ?? 0,
    };
  };
}
