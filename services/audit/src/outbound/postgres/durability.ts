/**
 * Whether the server keeps what it acknowledges. Receipts promise that an entry survives a crash; a server that does not
 * flush would break the promise of every one of them, so it is refused at the start and not found out later.
 */
import { StrongroomError } from '@strongroom/errors';
import type { Connection } from './connection.ts';

const needed = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/** Throws `configuration-invalid`, naming the setting. */
export async function checkDurability(connection: Connection): Promise<void> {
  const rows = await connection.rows<{ name: string; setting: string }>({
    text: 'SELECT name, setting FROM pg_settings WHERE name = ANY ($1::text[])',
    values: [needed],
  });
  const off = rows.filter(({ setting }) => setting === 'off' || setting === 'local').map(({ name }) => name);
  if (off.length > 0) {
    throw new StrongroomError('configuration-invalid', {
      detail: `PostgreSQL acknowledges what it has not flushed: ${off.join(', ')} must be on`,
    });
  }
}
