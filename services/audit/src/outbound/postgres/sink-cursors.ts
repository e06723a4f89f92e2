import type { SinkCursors } from '../../ports/sink-cursors.ts';
import type { Connection } from './connection.ts';

/** Over the connections of reading: what a sink does must not take a turn of the writer. */
export function makeSinkCursors(connection: Connection): SinkCursors {
  return {
    async next(sink) {
      const text = 'SELECT next FROM sink_cursor WHERE sink = $1';
      const [row] = await connection.rows<{ next: number }>({ name: 'sink-next', text, values: [sink] });
      return row?.next;
    },
    async advance(sink, next) {
      await connection.rows({
        name: 'sink-advance',
        text: `INSERT INTO sink_cursor (sink, next) VALUES ($1, $2)
          ON CONFLICT (sink) DO UPDATE SET next = greatest(sink_cursor.next, excluded.next)`,
        values: [sink, next],
      });
    },
  };
}
