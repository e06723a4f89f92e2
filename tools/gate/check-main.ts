/** `npm run check`: every step runs whatever became of the others, and tells its time; one that fails shows its output. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type CheckStep, checkSteps } from './check-steps.ts';

const root = join(import.meta.dirname, '..', '..');

async function isKept({ script, parameters }: CheckStep): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, [script, ...parameters], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

let broken = 0;
for (const step of checkSteps) {
  const startedAt = performance.now();
  const { status, output } = await isKept(step);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
  if (status === 0) {
    console.log(`✓ ${seconds} s  ${step.promise}`);
    continue;
  }
  broken += 1;
  console.log(`✗ ${seconds} s  ${step.promise}: NOT KEPT (${step.script} ended with ${status})\n`);
  console.log(output.trimEnd().replaceAll(/^/gm, '    '), '\n');
}
console.log(
  broken === 0 ? '\nEvery promise is kept.' : `\n${broken} of ${checkSteps.length} promises are not kept.`,
);
process.exitCode = broken === 0 ? 0 : 1;
