/** Times of one kind of operation, and what a person wants to know of them. */

export interface StepRow {
  readonly step: string;
  readonly operations: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly proof: string;
}

/** Nearest-rank percentile. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function toRow(step: string, timesMs: readonly number[], proof: string): StepRow {
  return {
    step,
    operations: timesMs.length,
    p50Ms: percentile(timesMs, 0.5),
    p99Ms: percentile(timesMs, 0.99),
    proof,
  };
}

/** Runs the work and adds what it took to the times. */
export async function timed<T>(timesMs: number[], work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await work();
  timesMs.push(performance.now() - startedMs);
  return result;
}

export function formatRows(rows: readonly StepRow[]): string {
  const lines = [
    ['STEP', 'OPERATIONS', 'P50', 'P99', 'PROOF'],
    ...rows.map((row) => [row.step, String(row.operations), toMs(row.p50Ms), toMs(row.p99Ms), row.proof]),
  ];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const toMs = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
