/** The writer's side of the log in PostgreSQL, over connections of its own. */
import type { EntryPhase } from '@strongroom/contracts';
import { isUnavailable } from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import { splitSubjects, subjectOfActor, subjectOfObject } from '../../domain/subject.ts';
import type { LogHead, LogStore } from '../../ports/log-store.ts';
import { commitStatement, commitValues } from './commit-batch.ts';
import { type Connection, type QueryFault, unavailable } from './connection.ts';
import { phaseNumbers } from './schema.ts';
import { readTiles } from './tiles.ts';

const uniqueViolation = '23505';
const phaseNames: ReadonlyMap<number, EntryPhase> = new Map(
  Object.entries(phaseNumbers).map(([name, number]) => [number, name as EntryPhase]),
);

export function makeLogStore(connection: Connection): LogStore {
  const changed = async (text: string, values: readonly unknown[]): Promise<LogHead | undefined> => {
    const [head] = await connection.rows<{ epoch: number; size: number; beat: number }>({
      text: `${text} RETURNING epoch, size, beat`,
      values,
    });
    return head;
  };
  const head = async (): Promise<LogHead> => {
    const [found] = await connection.rows<{ epoch: number; size: number; beat: number }>({
      text: 'SELECT epoch, size, beat FROM writer',
    });
    if (found === undefined)
      throw new StrongroomError('record-tampered', { detail: 'the row of the writer is gone' });
    return found;
  };

  return {
    takeEpoch: ({ epoch, size, beat }) =>
      changed(
        'UPDATE writer SET epoch = epoch + 1, beat = 1 WHERE epoch = $1 AND size = $2::bigint AND beat = $3::bigint',
        [epoch, size, beat],
      ),

    head,

    beat: async (epoch) =>
      (await changed('UPDATE writer SET beat = beat + 1 WHERE epoch = $1', [epoch])) ?? head(),

    async release(epoch) {
      await changed('UPDATE writer SET beat = 0 WHERE epoch = $1', [epoch]);
    },

    async commit(batch) {
      const statement = { name: 'commit-batch', text: commitStatement, values: commitValues(batch) };
      try {
        const [row] = await connection.attempt<{ moved: number }>(statement, failCommit);
        return row?.moved === 1 ? 'committed' : 'moved';
      } catch (fault) {
        if (isKeyHeld(fault)) return 'occupied';
        throw fault;
      }
    },

    async findPlaced(keys) {
      const rows = await connection.rows<{
        index: number;
        leaf: Buffer;
        actor: string;
        request_id: string;
        phase: number;
      }>({
        name: 'find-placed',
        text: `SELECT entry.index, leaf, actor, request_id, phase
          FROM unnest($1::uuid[], $2::text[], $3::smallint[]) AS wanted (request_id, actor, phase)
          JOIN entry USING (request_id, actor, phase)`,
        values: [
          keys.map(({ requestId }) => requestId),
          keys.map(({ actor }) => actor),
          keys.map(({ phase }) => phaseNumbers[phase]),
        ],
      });
      return rows.map(({ index, leaf, actor, request_id, phase }) => ({
        index,
        leaf,
        actor,
        requestId: request_id,
        phase: phaseNames.get(phase) as EntryPhase,
      }));
    },

    async lastSequences(subjects) {
      const { actors, objects } = splitSubjects(subjects);
      const rows = await connection.rows<{ actor: string | null; object: string | null; seq: number }>({
        name: 'last-sequences',
        text: `SELECT wanted.actor, NULL AS object, last.seq FROM unnest($1::text[]) AS wanted (actor), LATERAL
            (SELECT actor_seq AS seq FROM entry WHERE entry.actor = wanted.actor ORDER BY index DESC LIMIT 1) AS last
          UNION ALL
          SELECT NULL, wanted.object, last.seq FROM unnest($2::text[]) AS wanted (object), LATERAL
            (SELECT seq FROM entry_object WHERE entry_object.object = wanted.object ORDER BY index DESC LIMIT 1) AS last
          UNION ALL
          SELECT name, NULL, seq FROM last_number WHERE NOT is_object AND name = ANY ($1::text[])
          UNION ALL
          SELECT NULL, name, seq FROM last_number WHERE is_object AND name = ANY ($2::text[])`,
        values: [actors, objects],
      });
      const numbers = new Map(subjects.map((subject) => [subject, 0]));
      for (const { actor, object, seq } of rows) {
        const subject = actor === null ? subjectOfObject(object ?? '') : subjectOfActor(actor);
        // Those of entries that have left are kept apart; where the subject has younger ones, they are smaller.
        numbers.set(subject, Math.max(numbers.get(subject) ?? 0, seq));
      }
      return numbers;
    },

    tiles: (tiles) => readTiles(connection, tiles),

    async leaves(first, end) {
      const text = 'SELECT leaf FROM entry WHERE index >= $1 AND index < $2 ORDER BY index';
      const rows = await connection.rows<{ leaf: Buffer }>({ text, values: [first, end] });
      return rows.map(({ leaf }) => leaf);
    },
  };
}

/**
 * What a fault says about the batch. A server that answers with an error has rolled the statement back; but one that is
 * shutting down, or fails inside, may say so after the commit was written (such as while it waits for a standby).
 */
function failCommit({ fault, wasSent }: QueryFault): never {
  const { code } = fault as { code?: unknown };
  const isSqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  if (wasSent && (!isSqlState || /^(08|57P|XX)/.test(code))) {
    throw new StrongroomError('outcome-unknown', { cause: fault });
  }
  throw isUnavailable(fault) ? unavailable(fault) : fault;
}

function isKeyHeld(fault: unknown): boolean {
  const { code, constraint } = fault as { code?: unknown; constraint?: unknown };
  return code === uniqueViolation && constraint === 'entry_once';
}
