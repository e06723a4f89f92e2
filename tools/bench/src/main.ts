/**
 * `npm run bench -- [case …]`: raw HSM loop, bare chain and full chain, interleaved in one run, so that the ratios hold
 * although the machine's speed does not. A case is named by the beginning of its name; none means all.
 *
 * `--json FILE` keeps the rows; `--ms N` measures each for N milliseconds (ten minutes are a soak); `--list` names the
 * cases; `--profile FOLDER` says of one case where its time goes. `audit` measures the log alone, at `--entries N`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Stack, startStack } from '@strongroom/stack';
import { createSoftHsmToken } from '@strongroom/testing';
import { benchAudit } from './audit.ts';
import { openBareChain } from './bare.ts';
import { type BenchCase, benchCases } from './cases.ts';
import { startChild } from './child.ts';
import { cpuOf, residentMib } from './cpu-meter.ts';
import { openFullChain } from './full.ts';
import { type Load, type Measured, measure } from './measure.ts';
import { overload } from './overload.ts';
import { profile } from './profile/profile-case.ts';
import { formatReport, type Row } from './report.ts';
import { soak } from './soak.ts';

/** Wide enough that the caps are not what is measured. */
const workerEnv = { STRONGROOM_CRYPTO_WORKER_CRYPTO_IN_FLIGHT_MAX: '512' };
const gatewayEnv = { STRONGROOM_GATEWAY_IN_FLIGHT_MAX: '512', STRONGROOM_GATEWAY_RATE_PER_SECOND: '1000000' };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    ms: { type: 'string', default: '3000' },
    list: { type: 'boolean', default: false },
    profile: { type: 'string' },
    entries: { type: 'string', default: '1000000' },
  },
});
const measureMs = Number(values.ms);
const isChosen = (name: string) =>
  positionals.length === 0 || positionals.some((wanted) => name.startsWith(wanted));
const chosen = benchCases.filter(({ name }) => isChosen(name));
const floods = isChosen('overload');
const audits = isChosen('audit');
/** Only where it is asked for: it shows something after minutes. */
const soaks = positionals.includes('soak');
if (values.list) {
  for (const { name } of [...benchCases, { name: 'audit' }, { name: 'overload' }, { name: 'soak' }])
    console.log(name);
} else if ((chosen.length === 0 && !floods && !soaks && !audits) || !(measureMs > 0)) {
  console.error('no such case, or no time; --list names the cases');
  process.exitCode = 2;
} else if (values.profile !== undefined) {
  await profile(values.profile, chosen[0] as BenchCase, measureMs);
} else {
  if (chosen.length > 0) await bench(chosen);
  if (floods) console.log(`\n${await overload(measureMs)}`);
  if (audits) {
    const json = values.json && (chosen.length > 0 ? `${values.json}.audit` : values.json);
    await benchAudit({ entries: Number(values.entries), json });
  }
  if (soaks) console.log(`\n${await soak(measureMs)}`);
}

async function bench(cases: readonly BenchCase[]): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'strongroom-bench-'));
  const token = await createSoftHsmToken();
  const extraEnv = { gateway: gatewayEnv, 'crypto-worker-1': workerEnv, 'crypto-worker-2': workerEnv };
  const stack = await startStack({ home, extraEnv });
  try {
    const rows = await measureAll(stack, token, cases);
    console.log(
      `\n${cpus().length} cores, Node ${process.version}; key in the HSM (SoftHSM); receipt flushed\n`,
    );
    console.log(formatReport(rows));
    const memory = [...(await residentMib(stack.info.processes))];
    console.log(`\nresident after the run: ${memory.map(([name, mib]) => `${name} ${mib} MiB`).join(', ')}`);
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
  } finally {
    await stack.stop();
    await token.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function measureAll(
  stack: Stack,
  token: Awaited<ReturnType<typeof createSoftHsmToken>>,
  cases: readonly BenchCase[],
): Promise<readonly Row[]> {
  const raw = await startChild('raw/main.ts', token, token.env);
  const bare = await openBareChain(stack.info, token);
  const full = await openFullChain(stack.info);
  const rows: Row[] = [];
  for (const each of cases) {
    const operation = await each.full(full);
    for (const callers of each.callers) {
      const load = { callers, warmUpMs: Math.round(measureMs / 3), measureMs };
      const keep = (variant: Row['variant'], measured: Omit<Row, 'case' | 'variant' | 'callers'>) => {
        rows.push({ case: each.name, variant, callers, ...measured });
        console.log(`${each.name} ${variant} ${callers}: ${measured.opsPerSecond}/s`);
      };
      const { raw: loop, items = 1 } = each;
      if (loop !== undefined) keep('raw', await raw.ask<Measured>({ loop, ...load }));
      if (loop !== undefined && each.isBare) keep('bare', await measure(load, bare.operation(loop)));
      keep('full', await measureFull(stack, load, items, operation));
    }
  }
  await full.close();
  await bare.close();
  await raw.stop();
  return rows;
}

/** With what an item costs all processes of the stack, and this one. */
async function measureFull(
  { info: { processes } }: Stack,
  load: Load,
  items: number,
  operation: () => Promise<void>,
): Promise<Measured & Pick<Row, 'serverCpuUs' | 'callerCpuUs'>> {
  let before = await cpuOf(processes);
  let ownBefore = process.cpuUsage();
  const measured = await measure(load, operation, async () => {
    before = await cpuOf(processes);
    ownBefore = process.cpuUsage();
  });
  const own = process.cpuUsage(ownBefore);
  const after = await cpuOf(processes);
  const server = [...after].reduce((sum, [name, us]) => sum + us - (before.get(name) ?? 0), 0);
  const perSecond = measured.opsPerSecond * items;
  const done = (perSecond * load.measureMs) / 1_000;
  return {
    ...measured,
    opsPerSecond: perSecond,
    serverCpuUs: server / done,
    callerCpuUs: (own.user + own.system) / done,
  };
}
