/** What a case found, as a row that a program can read. */
export interface BenchRow {
  readonly case: string;
  readonly variant: string;
  readonly unit: string;
  readonly value: number;
  /** What the product aims at, where it aims at something. */
  readonly aim?: string;
  readonly note?: string;
}

/** Milliseconds that each of the calls took. */
export async function timesOf(count: number, call: (turn: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const startedMs = performance.now();
    await call(turn);
    times.push(performance.now() - startedMs);
  }
  return times;
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export const rounded = (value: number): number => Number(value.toPrecision(4));
