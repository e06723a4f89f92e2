/**
 * `npm run bench`: raw HSM loop, bare chain and full chain, interleaved in one run, so that the ratios hold although the
 * machine's speed does not. `--json FILE` keeps the rows; `--ms N` measures each for N milliseconds.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startStack } from '@strongroom/stack';
import { createSoftHsmToken } from '@strongroom/testing';
import { openBareChain } from './bare.ts';
import { startChild } from './child.ts';
import { openFullChain } from './full.ts';
import { type Measured, measure } from './measure.ts';
import type { HsmCase } from './raw/hsm-loop.ts';
import { formatReport, type Row } from './report.ts';

const cases: readonly HsmCase[] = ['kms.unwrap', 'crypto.encrypt'];
const callerCounts = [1, 16, 64, 256];
/** Wide enough that the cap is not what is measured. */
const gatewayEnv = { STRONGROOM_GATEWAY_IN_FLIGHT_MAX: '512', STRONGROOM_GATEWAY_RATE_PER_SECOND: '1000000' };

const { values } = parseArgs({
  options: { json: { type: 'string' }, ms: { type: 'string', default: '3000' } },
});
const measureMs = Number(values.ms);
const warmUpMs = Math.round(measureMs / 3);

const home = await mkdtemp(join(tmpdir(), 'strongroom-bench-'));
const token = await createSoftHsmToken();
const stack = await startStack({ home, extraEnv: { gateway: gatewayEnv } });
try {
  const raw = await startChild('raw/main.ts', token, token.env);
  const bare = await openBareChain(stack.info, token);
  const full = await openFullChain(stack.info);
  const rows: Row[] = [];
  for (const name of cases) {
    const bareOperation = bare.operation(name);
    const fullOperation = await full.operation(name);
    for (const callers of callerCounts) {
      const load = { callers, warmUpMs, measureMs };
      const keep = (variant: Row['variant'], measured: Measured) => {
        const row = { case: name, variant, callers, ...measured };
        rows.push(row);
        console.log(`${name} ${variant} ${callers}: ${measured.opsPerSecond}/s`);
      };
      keep('raw', await raw.ask({ case: name, warmUpMs, measureMs }));
      keep('bare', await measure(load, bareOperation));
      keep('full', await measure(load, fullOperation));
    }
  }
  console.log(
    `\n${cpus().length} cores, Node ${process.version}; key in the HSM (SoftHSM); receipt flushed\n`,
  );
  console.log(formatReport(rows));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
  await full.close();
  await bare.close();
  await raw.stop();
} finally {
  await stack.stop();
  await token.stop();
  await rm(home, { recursive: true, force: true });
}
