/** Questions to a log of some size: first pages, one proof, the start of a writer, and what the log takes on the disk. */
import type { AuditFilter } from '@strongroom/contracts';
import type { TestPostgres } from '@strongroom/testing';
import { conditionsOf } from '../../src/domain/entry-selection.ts';
import type { Connection } from '../../src/outbound/postgres/connection.ts';
import { searchStatement } from '../../src/outbound/postgres/search.ts';
import type { TestLog } from '../test-log.ts';
import { type BenchRow, medianOf, rounded, timesOf } from './measure.ts';
import { bodyAt, timeOf } from './workload.ts';

const pageEntries = 100;

function questions(size: number): Readonly<Record<string, AuditFilter>> {
  const [early, middle] = [bodyAt(Math.floor(size / 3)), bodyAt(Math.floor(size / 2))];
  const secret = 'default/secret-4711';
  return {
    none: {},
    'an hour': { from: timeOf(Math.floor(size / 2)), to: timeOf(Math.floor(size / 2) + 3_600_000) },
    actor: { actor: middle.actor.id },
    'actors by prefix': { actor: 'plugin:*' },
    secret: { secret },
    key: { key: 'default/key-47' },
    operation: { operation: 'kms.unwrap' },
    outcome: { outcome: 'refused' },
    cluster: { cluster: 'cluster-1' },
    namespace: { namespace: 'team-7' },
    request: { requestId: early.requestId },
    'secret and outcome': { secret, outcome: 'refused' },
    'any of two': { anyOf: [{ actor: middle.actor.id }, { secret }] },
    'nothing found': { actor: 'user:nobody' },
  };
}

export async function benchQueries(
  log: TestLog,
  connection: Connection,
  size: number,
): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [name, filter] of Object.entries(questions(size))) {
    const ask = () => log.query({ filter, limit: pageEntries, order: 'newest-first' });
    // The first is asked of whatever is in memory.
    const [cold = 0, ...warm] = await timesOf(12, ask);
    const statement = searchStatement({
      first: 0,
      end: size,
      anyOf: conditionsOf(filter),
      order: 'newest-first',
      limit: pageEntries + 1,
    });
    const plan = await connection.rows<{ 'QUERY PLAN': string }>({
      text: `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ${statement.text}`,
      values: statement.values ?? [],
    });
    const scans = plan.flatMap(({ 'QUERY PLAN': line }) => /-> +(.* Scan.*?)(?: \(|$)/.exec(line)?.[1] ?? []);
    rows.push({
      case: `query, first page of ${size} entries`,
      variant: name,
      unit: 'ms',
      value: rounded(medianOf(warm)),
      aim: '< 50',
      note: `first time ${rounded(cold)} ms; ${[...new Set(scans)].join(', ')}`,
    });
  }
  return rows;
}

const hashBytes = 32;

export async function benchProof(log: TestLog, size: number): Promise<readonly BenchRow[]> {
  const proofs: number[] = [];
  const times = await timesOf(30, async (turn) => {
    const { requestId } = bodyAt((turn * 7_919) % size);
    const { entries, checkpoint } = await log.exportPage({ filter: { requestId }, limit: 1 });
    proofs.push((entries[0]?.proof.length ?? Number.NaN) * hashBytes + Buffer.byteLength(checkpoint));
  });
  const name = `proof of one entry of ${size}`;
  return [
    { case: name, variant: 'path and checkpoint', unit: 'bytes', value: Math.max(...proofs), aim: '<= 2048' },
    {
      case: name,
      variant: 'found, proven and checked, p50',
      unit: 'ms',
      value: rounded(medianOf(times)),
      aim: '< 5',
    },
  ];
}

export async function benchStorage(postgres: TestPostgres, size: number): Promise<readonly BenchRow[]> {
  const { rows } = await postgres.run(`
    SELECT relname AS name, pg_table_size(oid)::float AS own, pg_indexes_size(oid)::float AS indexes FROM pg_class
    WHERE relnamespace = 'audit'::regnamespace AND relkind = 'r' AND relname IN ('entry', 'entry_object', 'append', 'subtree')`);
  return (rows as { name: string; own: number; indexes: number }[]).flatMap(({ name, own, indexes }) =>
    [
      ['rows', own],
      ['indexes', indexes],
    ].map(([part, bytes]) => ({
      case: `storage of ${size} entries`,
      variant: `${name}, ${part}`,
      unit: 'bytes/entry',
      value: rounded(Number(bytes) / size),
    })),
  );
}
