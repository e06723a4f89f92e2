/**
 * Kills the writer with SIGKILL over and over while it is under load, at points that a seed decides; another process that
 * stands by takes over each time. After each kill the oracle re-checks the whole log and every receipt that was given.
 */
import type { AuditHost } from './audit-host.ts';
import { until } from './audit-host.ts';
import { bodyOf } from './test-deployment.ts';

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly onKill?: (kill: number, entries: number, takeoverMs: number) => void;
}

export interface KillReport {
  readonly kills: number;
  /** Entries with a checked receipt; each is in the log once. */
  readonly acknowledged: number;
  readonly entries: number;
  /** From each kill to the next receipt, in order of length. */
  readonly takeoverMs: readonly number[];
}

const writersOfLoad = 6;
const entriesMax = 12;
const delayMsMax = 150;

export async function killWriter(host: AuditHost, { kills, seed, onKill }: KillOptions): Promise<KillReport> {
  const random = generator(seed);
  const takeoverMs: number[] = [];
  let entries = 0;
  let writer = host.startProcess();
  await until(writer.isReady, 'the first process writes');
  for (let kill = 1; kill <= kills; kill += 1) {
    const standby = host.startProcess();
    await until(standby.isReady, 'the second process stands by');
    const load = startLoad(host, random);
    await load.acknowledged();
    await new Promise((resolve) => setTimeout(resolve, random() * delayMsMax));
    const killedAt = performance.now();
    await writer.kill();
    await host.appendUntilDone();
    takeoverMs.push(performance.now() - killedAt);
    await load.stop();
    entries = await host.check();
    onKill?.(kill, entries, takeoverMs.at(-1) as number);
    writer = standby;
  }
  await writer.stop();
  return {
    kills,
    acknowledged: host.acknowledged.length,
    entries,
    takeoverMs: takeoverMs.toSorted((one, other) => one - other),
  };
}

/** Callers that each send message after message, and each message until it is acknowledged. */
export function startLoad(host: AuditHost, random: () => number) {
  let isStopped = false;
  const before = host.acknowledged.length;
  const send = async () => {
    while (!isStopped) {
      await host.appendUntilDone(
        Array.from({ length: 1 + Math.floor(random() * entriesMax) }, () => bodyOf()),
      );
    }
  };
  const senders = Array.from({ length: writersOfLoad }, send);
  return {
    acknowledged: () => until(() => host.acknowledged.length > before, 'the load has begun'),
    async stop() {
      isStopped = true;
      await Promise.all(senders);
    },
  };
}

/** Numbers from 0 to 1, the same for a seed (mulberry32, by Tommy Ettinger, public domain). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
