import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { SignedStatement } from '@strongroom/contracts';
import { isUnavailable, withDatabase } from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import type { Pool, QueryResult, QueryResultRow } from 'pg';
import type { KeptEntry } from '../../domain/batch.ts';
import type { LogStore, WriterState } from '../../ports/log-store.ts';
import { commitParameters, commitStatement } from './commit-batch.ts';
import { searchStatement } from './search.ts';

interface EntryRow extends QueryResultRow {
  readonly index: number;
  readonly leaf: Buffer;
  readonly body_hash: Buffer;
  readonly append: number;
  readonly append_offset: number;
}

const uniqueViolation = '23505';
/** Faults before the statement reached the server: it was surely not carried out. */
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOENT']);

export function makeLogStore(pool: Pool): LogStore {
  const query = <Row extends QueryResultRow>(
    text: string,
    values: unknown[] = [],
  ): Promise<QueryResult<Row>> => withDatabase(() => pool.query<Row>(text, values));

  const findTaken = async (
    entries: readonly { index: number; actor: string; requestId: string; phase: string }[],
  ) => {
    const { rows } = await query<{ index: number }>(
      `SELECT new.index FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[]) AS new (index, request_id, actor, phase)
       JOIN entry USING (request_id, actor, phase)`,
      [
        entries.map(({ index }) => index),
        entries.map(({ requestId }) => requestId),
        entries.map(({ actor }) => actor),
        entries.map(({ phase }) => phase),
      ],
    );
    return rows.map(({ index }) => index);
  };

  return {
    async takeOver() {
      const { rows } = await query<{ epoch: number; size: number }>(
        'UPDATE writer SET epoch = epoch + 1 RETURNING epoch, size',
      );
      return rows[0] as WriterState;
    },

    async state() {
      const { rows } = await query<{ epoch: number; size: number }>('SELECT epoch, size FROM writer');
      return rows[0] as WriterState;
    },

    async commit(batch) {
      try {
        const { rows } = await pool.query<{ swapped: number }>({
          name: 'commit-batch',
          text: commitStatement,
          values: commitParameters(batch),
        });
        return rows[0]?.swapped === 1 ? 'committed' : 'fenced';
      } catch (fault) {
        const { code, constraint } = fault as { code?: string; constraint?: string };
        if (code === uniqueViolation && constraint === 'entry_once')
          return { taken: await findTaken(batch.entries) };
        // The same index or node twice: another writer was faster between its swap and ours.
        if (code === uniqueViolation) return 'fenced';
        throw classify(fault);
      }
    },

    async lastSequences(keys) {
      const numbers = new Map(keys.map((key) => [key, 0]));
      const actors = keys.filter((key) => key.startsWith('actor ')).map((key) => key.slice('actor '.length));
      const objects = keys.filter((key) => !key.startsWith('actor '));
      const { rows } = await query<{ key: string; seq: number }>(
        `SELECT 'actor ' || a.actor AS key, last.seq FROM unnest($1::text[]) AS a (actor), LATERAL
           (SELECT actor_seq AS seq FROM entry WHERE entry.actor = a.actor ORDER BY index DESC LIMIT 1) AS last
         UNION ALL
         SELECT o.object AS key, last.seq FROM unnest($2::text[]) AS o (object), LATERAL
           (SELECT seq FROM entry_object WHERE entry_object.object = o.object ORDER BY index DESC, seq DESC LIMIT 1) AS last`,
        [actors, objects],
      );
      for (const { key, seq } of rows) numbers.set(key, seq);
      return numbers;
    },

    async findByKey(actor, requestId, phase) {
      const { rows } = await query<EntryRow>(
        `SELECT index, leaf, body_hash, append, append_offset FROM entry
         WHERE request_id = $1 AND actor = $2 AND phase = $3`,
        [requestId, actor, phase],
      );
      return rows[0] && toKept(rows[0]);
    },

    async nodes(places) {
      if (places.length === 0) return [];
      const { rows } = await query<{ at: number; hash: Buffer | null }>(
        `SELECT wanted.at::integer, node.hash FROM unnest($1::smallint[], $2::bigint[]) WITH ORDINALITY AS wanted (level, index, at)
         LEFT JOIN node USING (level, index) ORDER BY wanted.at`,
        [places.map(({ level }) => level), places.map(({ index }) => index)],
      );
      return rows.map(({ hash }) => {
        if (hash === null)
          throw new StrongroomError('record-tampered', { detail: 'a node of the tree is missing' });
        return hash;
      });
    },

    async search(search) {
      const { text, values } = searchStatement(search);
      return (await query<EntryRow>(text, values)).rows.map(toKept);
    },

    async appends(ids) {
      const { rows } = await query<{ id: number; worker: string; body_hashes: Buffer; signature: string }>(
        'SELECT id, worker, body_hashes, signature FROM append WHERE id = ANY ($1::bigint[]) ORDER BY id',
        [ids],
      );
      return rows.map(({ id, worker, body_hashes, signature }) => ({
        id,
        worker: JSON.parse(worker) as SignedStatement,
        bodyHashes: body_hashes,
        signature,
      }));
    },

    async saveCheckpoint({ size, note, logKey }) {
      const key = canonicalText(logKey as unknown as CanonicalValue);
      await query('INSERT INTO checkpoint (size, note, log_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
        size,
        note,
        key,
      ]);
    },

    async checkpoint(sizeMax = Number.MAX_SAFE_INTEGER) {
      const { rows } = await query<{ size: number; note: string; log_key: string }>(
        'SELECT size, note, log_key FROM checkpoint WHERE size <= $1 ORDER BY size DESC LIMIT 1',
        [sizeMax],
      );
      const [row] = rows;
      return row && { size: row.size, note: row.note, logKey: JSON.parse(row.log_key) as SignedStatement };
    },
  };
}

function toKept({ index, leaf, body_hash, append, append_offset }: EntryRow): KeptEntry {
  return { index, leaf, bodyHash: body_hash, append, offset: append_offset };
}

/** A statement that was sent and not answered may have been committed. */
function classify(fault: unknown): unknown {
  if (!isUnavailable(fault)) return fault;
  const { code } = fault as { code?: unknown };
  const isRefused = typeof code === 'string' && (notSent.has(code) || /^(53|57P03|25006)/.test(code));
  return new StrongroomError(isRefused ? 'database-unavailable' : 'outcome-unknown', { cause: fault });
}
