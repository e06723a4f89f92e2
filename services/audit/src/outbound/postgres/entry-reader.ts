/** Searching the log, over connections of its own: a long search must not stand in the way of the writer. */
import type { SignedStatement } from '@strongroom/contracts';
import type { EntryReader } from '../../ports/entry-reader.ts';
import type { Connection } from './connection.ts';
import { countStatement, searchStatement } from './search.ts';

/** Time grows with the index, so the first entry of a time is found by halving: about 25 look-ups in ten million. */
const firstSince = `
WITH RECURSIVE search (low, high) AS (
  SELECT first, $2::bigint FROM held WHERE gone_at IS NULL OR gone_at < $1
  UNION ALL
  SELECT CASE WHEN entry.at < $1 THEN entry.index + 1 ELSE low END, CASE WHEN entry.at < $1 THEN high ELSE entry.index END
  FROM search JOIN entry ON entry.index = (low + high) / 2 WHERE low < high
)
SELECT max(low) AS first FROM search`;

export function makeEntryReader(connection: Connection): EntryReader {
  return {
    async size() {
      const [row] = await connection.rows<{ size: number }>({
        name: 'size',
        text: 'SELECT size FROM writer',
      });
      return row?.size ?? 0;
    },

    async heldFrom() {
      const [row] = await connection.rows<{ first: number }>({
        name: 'held-from',
        text: 'SELECT first FROM held',
      });
      return row?.first ?? 0;
    },

    async firstSince(at, size) {
      const [row] = await connection.rows<{ first: number | null }>({
        name: 'first-since',
        text: firstSince,
        values: [at, size],
      });
      return row?.first === null || row === undefined ? undefined : Math.min(row.first, size);
    },

    async find(selection) {
      const rows = await connection.rows<{
        index: number;
        leaf: Buffer;
        append: number;
        append_offset: number;
      }>(searchStatement(selection));
      return rows.map(({ index, leaf, append, append_offset }) => ({
        index,
        leaf,
        append,
        offset: append_offset,
      }));
    },

    async count(span, by, limit) {
      const rows = await connection.rows<{ value: string | null; count: number; total: number }>(
        countStatement(span, by, limit),
      );
      return {
        total: rows[0]?.total ?? 0,
        counts: rows.flatMap(({ value, count }) => (value === null ? [] : { value, count })).slice(0, limit),
      };
    },

    async appends(ids) {
      const rows = await connection.rows<{
        id: number;
        signed: string;
        body_hashes: Buffer;
        signature: Buffer;
      }>({
        name: 'appends',
        text: `SELECT id, signed, body_hashes, signature FROM append JOIN worker_key ON worker_key.hash = append.worker_key
          WHERE id = ANY ($1::bigint[]) ORDER BY id`,
        values: [ids],
      });
      return rows.map(({ id, signed, body_hashes, signature }) => ({
        id,
        worker: JSON.parse(signed) as SignedStatement,
        bodyHashes: body_hashes,
        signature,
      }));
    },
  };
}
