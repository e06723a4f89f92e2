/** Closed-loop load: each caller asks again as soon as it has its answer. */

export interface Measured {
  readonly opsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface Load {
  readonly callers: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** A failing operation ends the measurement: a figure over errors would be none. */
export async function measure(
  load: Load,
  operation: () => Promise<void>,
  onWarm: () => Promise<void> = async () => undefined,
): Promise<Measured> {
  const { callers, warmUpMs, measureMs } = load;
  await run(callers, performance.now() + warmUpMs, operation);
  await onWarm();
  const timesUs = await run(callers, performance.now() + measureMs, operation);
  return summarise(timesUs, measureMs);
}

/** Times of all operations that ended in time. */
async function run(callers: number, endMs: number, operation: () => Promise<void>): Promise<number[]> {
  const timesUs: number[] = [];
  const caller = async (): Promise<void> => {
    for (;;) {
      const askedMs = performance.now();
      if (askedMs >= endMs) return;
      await operation();
      const answeredMs = performance.now();
      if (answeredMs <= endMs) timesUs.push((answeredMs - askedMs) * 1_000);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return timesUs;
}

export function summarise(timesUs: readonly number[], measureMs: number): Measured {
  const sorted = Float64Array.from(timesUs).sort();
  const at = (share: number) => Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
  return { opsPerSecond: Math.round((sorted.length * 1_000) / measureMs), p50Us: at(0.5), p99Us: at(0.99) };
}
