/**
 * `npm run bench -- --profile FOLDER`: one case under load with the profiler of every process on. Prints what each stage of
 * an operation costs, and leaves a flame graph of each process in the folder.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '@strongroom/stack';
import type { BenchCase } from '../cases.ts';
import { openFullChain } from '../full.ts';
import { measure } from '../measure.ts';
import { formatTable } from '../report.ts';
import { readSamples } from './cpu-profile.ts';
import { flameGraph } from './flame-graph.ts';
import { byStage, processStages } from './stages.ts';

/** µs between two looks; the profiler itself costs about a tenth at this rate. */
const intervalUs = 400;
const callers = 64;
/** From the end of the load to the end of the process; more than a stop takes is left out as well. */
const tailUs = 300_000;

export async function profile(folder: string, each: BenchCase, measureMs: number): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'strongroom-bench-'));
  const names = Object.keys(processStages);
  const folderOf = (name: string) => join(home, 'profiles', name);
  const argsOf = (name: string) => [
    '--cpu-prof',
    `--cpu-prof-dir=${folderOf(name)}`,
    `--cpu-prof-interval=${intervalUs}`,
  ];
  const nodeArgs = Object.fromEntries(names.map((name) => [name, argsOf(name)]));
  const extraEnv = { gateway: { STRONGROOM_GATEWAY_RATE_PER_SECOND: '1000000' } };
  // One worker, so that its profile is that of every operation.
  const services = ['audit', 'crypto-worker-1', 'approvals', 'gateway'] as const;
  const stack = await startStack({ home, nodeArgs, services, extraEnv });
  let opsPerSecond = 0;
  try {
    const chain = await openFullChain(stack.info);
    const operation = await each.full(chain);
    const load = { callers, warmUpMs: 2 * measureMs, measureMs };
    ({ opsPerSecond } = await measure(load, operation));
    await chain.close();
  } finally {
    await stack.stop();
  }
  await mkdir(folder, { recursive: true });
  const operations = (opsPerSecond * measureMs) / 1_000;
  const lines: string[][] = [['PROCESS', 'STAGE', 'US AN OPERATION']];
  for (const name of names) {
    const samples = await readSamples(folderOf(name), { lastUs: measureMs * 1_000, tailUs });
    for (const [stage, us] of byStage(samples, processStages[name] ?? []))
      lines.push([name, stage, (us / operations).toFixed(1)]);
    await writeFile(join(folder, `${name}.svg`), flameGraph(`${each.name}, ${name}`, samples));
  }
  console.log(`${each.name}, ${callers} callers, ${opsPerSecond}/s with the profiler on\n`);
  console.log(formatTable(lines));
  await rm(home, { recursive: true, force: true });
}
