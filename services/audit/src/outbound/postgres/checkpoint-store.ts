import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { SignedStatement } from '@strongroom/contracts';
import type { CheckpointStore, StoredCheckpoint } from '../../ports/checkpoint-store.ts';
import type { Connection } from './connection.ts';

interface CheckpointRow {
  readonly size: number;
  readonly note: string;
  readonly log_key: string;
  readonly lines: readonly string[];
}

const columns = `size, note, log_key,
  ARRAY(SELECT line FROM cosignature WHERE cosignature.size = checkpoint.size ORDER BY witness) AS lines`;

export function makeCheckpointStore(connection: Connection): CheckpointStore {
  const one = async (
    text: string,
    values: readonly unknown[] = [],
  ): Promise<StoredCheckpoint | undefined> => {
    const [row] = await connection.rows<CheckpointRow>({ text, values });
    return (
      row && {
        size: row.size,
        note: row.note,
        logKey: JSON.parse(row.log_key) as SignedStatement,
        cosignatures: row.lines,
      }
    );
  };
  return {
    async add({ size, note, logKey }) {
      await connection.rows({
        text: 'INSERT INTO checkpoint (size, note, log_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        values: [size, note, canonicalText(logKey as unknown as CanonicalValue)],
      });
    },
    async addCosignature({ size, witness, line }) {
      await connection.rows({
        text: 'INSERT INTO cosignature (size, witness, line) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        values: [size, witness, line],
      });
    },
    newest: (cosignaturesMin = 0) =>
      one(
        `SELECT ${columns} FROM checkpoint
          WHERE $1 = 0 OR (SELECT count(*) FROM cosignature WHERE cosignature.size = checkpoint.size) >= $1
          ORDER BY size DESC LIMIT 1`,
        [cosignaturesMin],
      ),
    ofSize: (size) => one(`SELECT ${columns} FROM checkpoint WHERE size = $1`, [size]),
  };
}
