/** The verifier for auditors on a bundle of a whole log. It takes one core; reading the program is part of the time. */
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { makeTemporaryDirectory } from '@strongroom/testing';
import { makeBundle } from './make-bundle.ts';
import type { BenchRow } from './measure.ts';

const program = join(import.meta.dirname, '../../../../apps/cli/bin/verify-bundle.mjs');
const size = 2 ** 17;

export async function benchVerify(): Promise<readonly BenchRow[]> {
  const directory = await makeTemporaryDirectory('audit-bench');
  const rows: BenchRow[] = [];
  try {
    for (const perMessage of [256, 16]) {
      const path = join(directory.path, 'bundle.ndjson');
      const { fingerprint, bytes } = await makeBundle(path, size, perMessage);
      const startedMs = performance.now();
      const { stdout } = spawnSync(process.execPath, [program, path, fingerprint], { encoding: 'utf8' });
      const seconds = (performance.now() - startedMs) / 1_000;
      const { verdict, entries } = JSON.parse(stdout) as { verdict: string; entries: number };
      if (verdict !== 'genuine' || entries !== size) throw new Error(`the bundle is ${verdict}`);
      rows.push({
        case: `verify a bundle of ${size} entries`,
        variant: `${perMessage} entries in each append message`,
        unit: 'entries/s',
        value: Math.round(size / seconds),
        aim: '>= 100000',
        note: `${Math.round(bytes / size)} bytes an entry`,
      });
      await rm(path);
    }
  } finally {
    await directory.remove();
  }
  return rows;
}
