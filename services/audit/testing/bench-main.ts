/**
 * `npm run bench -- audit`: the log on a database of its own, without bus and gateway. The argument is JSON: how many entries
 * the log has when it is asked, which cases, and where the rows go.
 */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { startPostgres } from '@strongroom/testing';
import { benchAppend, benchReceipt, preparePlain } from './bench/append.ts';
import { loadLog } from './bench/load-log.ts';
import { type BenchRow, rounded } from './bench/measure.ts';
import { benchProof, benchQueries, benchStorage } from './bench/read.ts';
import { benchVerify } from './bench/verify.ts';
import { createPostgresLog, durable, openPostgresLog } from './postgres-log.ts';
import { TestDeployment } from './test-deployment.ts';
import { makeTestLog } from './test-log.ts';

interface Asked {
  readonly entries: number;
  readonly json?: string;
}

const { entries, json } = JSON.parse(process.argv[2] ?? '{"entries":1000000}') as Asked;
const rows: BenchRow[] = [];
const keep = (found: readonly BenchRow[]) => {
  for (const row of found) {
    rows.push(row);
    const { value, unit, aim, note } = row;
    console.log(
      [row.case, row.variant, `${value} ${unit}`, aim && `aim ${aim}`, note].filter(Boolean).join(' | '),
    );
  }
};

keep(await benchVerify());
const postgres = await startPostgres({
  settings: { ...durable, shared_buffers: '256MB', max_wal_size: '4GB' },
});
try {
  await createPostgresLog(postgres);
  const own = await openPostgresLog(postgres.url);
  const deployment = new TestDeployment();
  const [witness, worker] = [deployment.witness(), deployment.worker()];
  const startedMs = performance.now();
  await loadLog(own.store, worker, entries);
  const loadedSeconds = (performance.now() - startedMs) / 1_000;
  keep([
    {
      case: 'load',
      variant: `${entries} entries, batch by batch`,
      unit: 'entries/s',
      value: Math.round(entries / loadedSeconds),
    },
  ]);
  keep(await benchStorage(postgres, entries));
  await postgres.run('VACUUM ANALYZE');
  const log = makeTestLog({ deployment, witness, ...own });
  const openedMs = performance.now();
  await log.keeper.bringUp();
  keep([
    {
      case: 'start of the writer',
      variant: `${entries} entries`,
      unit: 'ms',
      value: rounded(performance.now() - openedMs),
      aim: '< 3000',
    },
  ]);
  await log.keeper.bringUpToDate();
  keep(await benchQueries(log, own.database.reading, entries));
  keep(await benchProof(log, entries));
  await preparePlain(postgres);
  const parts = { log, worker, connection: own.database.reading };
  keep(await benchAppend({ ...parts, from: entries }, 3, 25_600));
  keep(await benchReceipt({ ...parts, from: entries + 100_000 }, 300));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, undefined, 2)}\n`);
  await own.database.close();
} finally {
  await postgres.stop();
}
