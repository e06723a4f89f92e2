/** One statement drops 256 entries, so that a crash leaves all of them or none. */
import { tileWidth } from '../../domain/tile.ts';
import type { OldEntries } from '../../ports/old-entries.ts';
import type { Connection } from './connection.ts';

const end = `$1::bigint + ${tileWidth}`;

/** The entry behind them has to be there: the writer reads the last ones when it starts. */
const dropStatement = `
WITH moved AS (
  UPDATE held SET first = ${end}, gone_at = (SELECT at FROM entry WHERE index = ${end} - 1)
  WHERE first = $1 AND EXISTS (SELECT FROM entry WHERE index = ${end}) RETURNING 1
), gone AS (
  DELETE FROM entry USING moved WHERE index >= $1 AND index < ${end} RETURNING index, actor, actor_seq, leaf_hash
), gone_objects AS (
  DELETE FROM entry_object USING moved, unnest($2::text[], $3::bigint[]) AS dropped (object, index)
  WHERE entry_object.object = dropped.object AND entry_object.index = dropped.index
  RETURNING entry_object.object, seq
), appends AS (
  DELETE FROM append USING moved WHERE id < (SELECT append FROM entry WHERE index = ${end})
), hashes AS (
  INSERT INTO leaf_tile (index, hashes)
  SELECT $1 / ${tileWidth}, string_agg(leaf_hash, ''::bytea ORDER BY index) FROM gone HAVING count(*) > 0
), numbers AS (
  INSERT INTO last_number AS known (is_object, name, seq)
  SELECT false, actor, max(actor_seq) FROM gone GROUP BY actor
  UNION ALL SELECT true, object, max(seq) FROM gone_objects GROUP BY object
  ON CONFLICT (is_object, name) DO UPDATE SET seq = greatest(known.seq, excluded.seq)
)
SELECT count(*)::integer AS moved FROM moved`;

/** Over the connections of reading: dropping must not take a turn of the writer. */
export function makeOldEntries(connection: Connection): OldEntries {
  return {
    async drop(first, objects) {
      const [row] = await connection.rows<{ moved: number }>({
        name: 'drop-entries',
        text: dropStatement,
        values: [first, objects.map(({ object }) => object), objects.map(({ index }) => index)],
      });
      return row?.moved === 1;
    },
  };
}
