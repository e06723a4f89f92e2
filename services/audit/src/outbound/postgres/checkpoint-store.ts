import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { SignedStatement } from '@strongroom/contracts';
import type { CheckpointStore, StoredCheckpoint } from '../../ports/checkpoint-store.ts';
import type { Connection } from './connection.ts';

interface CheckpointRow {
  readonly size: number;
  readonly note: string;
  readonly log_key: string;
}

export function makeCheckpointStore(connection: Connection): CheckpointStore {
  const one = async (
    text: string,
    values: readonly unknown[] = [],
  ): Promise<StoredCheckpoint | undefined> => {
    const [row] = await connection.rows<CheckpointRow>({ text, values });
    return row && { size: row.size, note: row.note, logKey: JSON.parse(row.log_key) as SignedStatement };
  };
  return {
    async add({ size, note, logKey }) {
      await connection.rows({
        text: 'INSERT INTO checkpoint (size, note, log_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        values: [size, note, canonicalText(logKey as unknown as CanonicalValue)],
      });
    },
    newest: () => one('SELECT size, note, log_key FROM checkpoint ORDER BY size DESC LIMIT 1'),
    ofSize: (size) => one('SELECT size, note, log_key FROM checkpoint WHERE size = $1', [size]),
  };
}
