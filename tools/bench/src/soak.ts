/**
 * A steady mixed load for as long as is asked for, and what the processes hold meanwhile: memory, handles, sessions of
 * PostgreSQL. What grows from one look to the next, and not only at first, leaks.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeBytes } from '@strongroom/canonical';
import { isStrongroomError } from '@strongroom/errors';
import { startStack } from '@strongroom/stack';
import { openHandles, residentMib } from './cpu-meter.ts';
import { type Ask, group, openFullChain } from './full.ts';
import { formatTable } from './report.ts';

const callers = 8;
const looks = 6;
/** A caller that was refused asks again after this. */
const againMs = 250;

export async function soak(forMs: number): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'strongroom-bench-'));
  const gateway = { STRONGROOM_GATEWAY_RATE_PER_SECOND: '1000000' };
  const stack = await startStack({ home, extraEnv: { gateway } });
  try {
    const chain = await openFullChain(stack.info);
    await chain.prepare('key.create', { group, name: 'bench-data', purpose: 'data' });
    await chain.prepare('secret.write', { group, name: 'bench-soak', kind: 'opaque', value: payload() });
    const { processes } = stack.info;
    const tally = { done: 0, refused: new Map<string, number>() };
    const load = run(chain.app, performance.now() + forMs, tally);
    const lines = [['PROCESS', ...Object.keys(processes)]];
    for (let look = 1; look <= looks; look += 1) {
      await pause(forMs / (looks + 1));
      const [memory, handles] = [await residentMib(processes), await openHandles(processes)];
      const cells = Object.keys(processes).map((name) => `${memory.get(name)} / ${handles.get(name)}`);
      lines.push([`AFTER ${tally.done} OPERATIONS`, ...cells]);
    }
    await load;
    await chain.close();
    const refused = [...tally.refused].map(([code, count]) => `${count} ${code}`).join(', ');
    return [
      `soak of ${forMs / 1_000} s, MiB / handles`,
      formatTable(transposed(lines)),
      `${tally.done} operations done; refused: ${refused || 'none'}`,
    ].join('\n');
  } finally {
    await stack.stop();
    await rm(home, { recursive: true, force: true });
  }
}

const transposed = (lines: readonly (readonly string[])[]) =>
  lines[0]?.map((_, at) => lines.map((line) => line[at] ?? '')) ?? [];

const payload = () => encodeBytes(randomBytes(32));

async function run(
  app: Ask,
  endMs: number,
  tally: { done: number; readonly refused: Map<string, number> },
): Promise<void> {
  const caller = async (at: number): Promise<void> => {
    for (let round = 0; performance.now() < endMs; round += 1) {
      try {
        await once(app, at, round);
        tally.done += 1;
      } catch (fault) {
        if (!isStrongroomError(fault)) throw fault;
        tally.refused.set(fault.code, (tally.refused.get(fault.code) ?? 0) + 1);
        await pause(againMs);
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, at) => caller(at)));
}

/** Of ten operations one writes. */
async function once(app: Ask, at: number, round: number): Promise<unknown> {
  if (round % 10 === 9)
    return app('secret.write', { group, name: `bench-soak-${at}`, kind: 'opaque', value: payload() });
  if (round % 2 === 0) return app('secret.read', { group, name: 'bench-soak' });
  return app('crypto.encrypt', { group, key: 'bench-data', plaintext: payload() });
}
