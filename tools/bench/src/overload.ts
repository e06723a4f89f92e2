/**
 * Ten times more callers than a gateway has places: what does not fit must be refused at once, what was admitted must stay
 * quick, and memory must not grow with those who wait.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeBytes } from '@strongroom/canonical';
import { isStrongroomError } from '@strongroom/errors';
import { startStack } from '@strongroom/stack';
import { residentMib } from './cpu-meter.ts';
import { type Ask, group, openFullChain } from './full.ts';
import { type Measured, summarise } from './measure.ts';

const inFlightMax = 128;
const callers = 10 * inFlightMax;
/** Clients of their own, since each bounds what it has under way. */
const clients = 8;
/** A caller that was refused asks again after this. */
const againMs = 20;
const refusals: ReadonlySet<string> = new Set(['overloaded', 'rate-limited']);

/** A stack of its own, with the gateway's bound as it comes. */
export async function overload(measureMs: number): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'strongroom-bench-'));
  const gateway = {
    STRONGROOM_GATEWAY_IN_FLIGHT_MAX: String(inFlightMax),
    STRONGROOM_GATEWAY_RATE_PER_SECOND: '1000000',
  };
  const stack = await startStack({ home, extraEnv: { gateway } });
  try {
    const chain = await openFullChain(stack.info);
    const asks = await Promise.all(Array.from({ length: clients }, () => chain.connectApp()));
    const plaintext = encodeBytes(randomBytes(32));
    await chain.prepare('key.create', { group, name: 'bench-data', purpose: 'data' });
    const operation = (ask: Ask) => ask('crypto.encrypt', { group, key: 'bench-data', plaintext });
    await flood(asks, measureMs, operation);
    const before = await residentMib(stack.info.processes);
    const { admitted, refused } = await flood(asks, measureMs, operation);
    const after = await residentMib(stack.info.processes);
    await chain.close();
    return describe(summarise(admitted, measureMs), summarise(refused, measureMs), before, after);
  } finally {
    await stack.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function flood(
  asks: readonly Ask[],
  measureMs: number,
  operation: (ask: Ask) => Promise<unknown>,
): Promise<{ readonly admitted: readonly number[]; readonly refused: readonly number[] }> {
  const admitted: number[] = [];
  const refused: number[] = [];
  const endMs = performance.now() + measureMs;
  const caller = async (ask: Ask): Promise<void> => {
    while (performance.now() < endMs) {
      const askedMs = performance.now();
      const isAdmitted = await operation(ask).then(
        () => true,
        (fault: unknown) => {
          if (isStrongroomError(fault) && refusals.has(fault.code)) return false;
          throw fault;
        },
      );
      (isAdmitted ? admitted : refused).push((performance.now() - askedMs) * 1_000);
      if (!isAdmitted) await pause(againMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, at) => caller(asks[at % asks.length] as Ask)));
  return { admitted, refused };
}

function describe(
  admitted: Measured,
  refused: Measured,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): string {
  const ms = (us: number) => `${(us / 1_000).toFixed(1)} ms`;
  const grown = [...after].map(([name, mib]) => `${name} ${before.get(name)} -> ${mib}`).join(', ');
  return [
    `overload: ${callers} callers, ${inFlightMax} places`,
    `  admitted ${admitted.opsPerSecond}/s, p50 ${ms(admitted.p50Us)}, p99 ${ms(admitted.p99Us)}`,
    `  refused  ${refused.opsPerSecond}/s, p50 ${ms(refused.p50Us)}, p99 ${ms(refused.p99Us)}`,
    `  resident MiB, after one round and after two: ${grown}`,
  ].join('\n');
}
