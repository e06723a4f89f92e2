/** The raw limit: one process that calls the HSM module in a loop. Callers make no difference to it. */
import process from 'node:process';
import { summarise } from '../measure.ts';
import { openHsm, type RawLoop, type TokenPlace } from './hsm-loop.ts';

interface Question {
  readonly loop: RawLoop;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

const hsm = openHsm(JSON.parse(process.argv[2] ?? '{}') as TokenPlace);
const operations = new Map<RawLoop, () => Buffer>();

process.on('message', ({ loop: name, warmUpMs, measureMs }: Question) => {
  const operation = operations.get(name) ?? hsm.operation(name);
  operations.set(name, operation);
  const startMs = performance.now() + warmUpMs;
  const endMs = startMs + measureMs;
  const timesUs: number[] = [];
  for (let askedMs = performance.now(); askedMs < endMs; ) {
    operation();
    const answeredMs = performance.now();
    if (askedMs >= startMs && answeredMs <= endMs) timesUs.push((answeredMs - askedMs) * 1_000);
    askedMs = answeredMs;
  }
  process.send?.(summarise(timesUs, measureMs));
});
process.on('disconnect', () => {
  hsm.close();
  process.exitCode = 0;
});
process.send?.('ready');
