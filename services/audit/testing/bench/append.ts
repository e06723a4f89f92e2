/** The writer beside plain `INSERT` of the same rows in the same database: once with batches full, once one by one. */

import type { EntryBody } from '@strongroom/contracts';
import type { TestPostgres } from '@strongroom/testing';
import type { Connection } from '../../src/outbound/postgres/connection.ts';
import type { TestWorker } from '../test-deployment.ts';
import type { TestLog } from '../test-log.ts';
import { type BenchRow, medianOf, rounded, timesOf } from './measure.ts';
import { bodyAt, timeOf } from './workload.ts';

const batchEntries = 256;
const perMessage = 32;
const inFlight = 24;
const columns = [
  'index',
  'at',
  'actor',
  'actor_seq',
  'request_id',
  'phase',
  'operation',
  'outcome',
  'cluster',
  'namespace',
  'append',
  'append_offset',
  'leaf_hash',
  'leaf',
] as const;

/** Tables of the same columns: with the primary key alone, and with all indexes of the log. */
export async function preparePlain(postgres: TestPostgres): Promise<void> {
  await postgres.run(`
    CREATE TABLE audit.plain (LIKE audit.entry INCLUDING DEFAULTS, PRIMARY KEY (index));
    CREATE TABLE audit.plain_indexed (LIKE audit.entry INCLUDING ALL)`);
}

export interface AppendParts {
  readonly log: TestLog;
  readonly worker: TestWorker;
  readonly connection: Connection;
  /** Index from which on no entry was used. */
  readonly from: number;
}

/** In turns, so that all have the same machine. */
export async function benchAppend(
  parts: AppendParts,
  rounds: number,
  entries: number,
): Promise<readonly BenchRow[]> {
  const rates: Record<string, number[]> = { writer: [], plain: [], plain_indexed: [] };
  for (let round = 0; round < rounds; round += 1) {
    const bodies = Array.from({ length: entries }, (_, at) => bodyAt(parts.from + round * entries + at));
    const rateOf = async (run: () => Promise<unknown>) => {
      const startedMs = performance.now();
      await run();
      return (entries * 1_000) / (performance.now() - startedMs);
    };
    rates['writer']?.push(await rateOf(await writing(parts, bodies)));
    for (const table of ['plain', 'plain_indexed'])
      rates[table]?.push(
        await rateOf(() => insertAll(parts.connection, table, bodies, parts.from + round * entries)),
      );
  }
  const [writer, plain, indexed] = ['writer', 'plain', 'plain_indexed'].map((name) =>
    medianOf(rates[name] ?? []),
  );
  const row = (variant: string, value = 0, more: Partial<BenchRow> = {}): BenchRow => ({
    case: 'append, batches full',
    variant,
    unit: 'entries/s',
    value: Math.round(value),
    ...more,
  });
  const share = (of = 1) => rounded(((writer ?? 0) / of) * 100);
  return [
    row('writer', writer, {
      aim: '>= 20000',
      note: `messages of ${perMessage}, signed by the worker and receipted`,
    }),
    row('plain INSERT, primary key alone', plain),
    row('plain INSERT, indexes of the log', indexed),
    row('writer of plain, primary key alone', share(plain), { unit: '%', aim: '>= 60' }),
    row('writer of plain, indexes of the log', share(indexed), { unit: '%', aim: '>= 60' }),
  ];
}

/** Messages are signed before the clock runs: that is the work of many workers on other machines. */
async function writing({ log, worker }: AppendParts, bodies: readonly EntryBody[]) {
  const requests = Array.from({ length: Math.ceil(bodies.length / perMessage) }, (_, at) =>
    worker.sign(bodies.slice(at * perMessage, (at + 1) * perMessage)),
  );
  return async () => {
    let next = 0;
    const one = async () => {
      for (let request = requests[next++]; request !== undefined; request = requests[next++])
        await log.appendSigned(request);
    };
    await Promise.all(Array.from({ length: inFlight }, one));
  };
}

/** Rows that are like those of the writer, with hash and leaf made of the body. */
async function insertAll(
  connection: Connection,
  table: string,
  bodies: readonly EntryBody[],
  first: number,
): Promise<void> {
  for (let at = 0; at < bodies.length; at += batchEntries)
    await insert(connection, table, bodies.slice(at, at + batchEntries), first + at);
}

async function insert(
  connection: Connection,
  table: string,
  bodies: readonly EntryBody[],
  first: number,
): Promise<void> {
  const values = bodies.flatMap((body, at) => [
    first + at,
    timeOf(first + at),
    body.actor.id,
    at + 1,
    body.requestId,
    3,
    body.operation,
    body.outcome,
    body.actor.cluster ?? null,
    body.actor.namespace ?? null,
    first,
    at,
    Buffer.alloc(32, at),
    Buffer.from(JSON.stringify({ body, placement: {} })),
  ]);
  const rows = bodies.map(
    (_, row) => `(${columns.map((__, at) => `$${row * columns.length + at + 1}`).join(',')})`,
  );
  await connection.rows({
    name: `${table}-${bodies.length}`,
    text: `INSERT INTO ${table} (${columns.join(',')}) VALUES ${rows.join(',')}`,
    values,
  });
}

/** What a receipt adds to the bare commit of one row, with nobody else asking. */
export async function benchReceipt(parts: AppendParts, count: number): Promise<readonly BenchRow[]> {
  const requests = Array.from({ length: count }, (_, at) => parts.worker.sign([bodyAt(parts.from + at)]));
  const [receipts, bare]: [number[], number[]] = [[], []];
  for (const [at, request] of requests.entries()) {
    receipts.push(...(await timesOf(1, () => parts.log.appendSigned(request))));
    bare.push(
      ...(await timesOf(1, () =>
        insert(parts.connection, 'plain', [bodyAt(parts.from + at)], parts.from + at),
      )),
    );
  }
  const row = (variant: string, value: number, aim?: string): BenchRow => ({
    case: 'receipt',
    variant,
    unit: 'ms',
    value: rounded(value),
    ...(aim === undefined ? {} : { aim }),
  });
  const [withReceipt, alone] = [medianOf(receipts), medianOf(bare)];
  return [
    row('bare commit of one row, p50', alone),
    row('append until receipt, p50', withReceipt),
    row('added', withReceipt - alone, '<= 1.5'),
  ];
}
