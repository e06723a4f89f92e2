/** Rows of one run, and the table that puts each beside the raw limit of the same run. */
import type { Measured } from './measure.ts';

export type Variant = 'raw' | 'bare' | 'full';
export interface Row extends Measured {
  readonly case: string;
  readonly variant: Variant;
  readonly callers: number;
}

export function formatReport(rows: readonly Row[]): string {
  const rawOf = ({ case: name, callers }: Row) =>
    rows.find((row) => row.variant === 'raw' && row.case === name && row.callers === callers)?.opsPerSecond;
  const lines = rows.map((row) => {
    const raw = rawOf(row);
    const ratio = raw === undefined || raw === 0 ? '' : `${((row.opsPerSecond / raw) * 100).toFixed(0)} %`;
    return [
      row.case,
      row.variant,
      String(row.callers),
      String(row.opsPerSecond),
      toMs(row.p50Us),
      toMs(row.p99Us),
      ratio,
    ];
  });
  const all = [['CASE', 'VARIANT', 'CALLERS', 'OPS/S', 'P50', 'P99', 'OF RAW'], ...lines];
  const widths = all[0]?.map((_, at) => Math.max(...all.map((line) => line[at]?.length ?? 0))) ?? [];
  return all
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const toMs = (us: number): string => `${(us / 1_000).toFixed(2)} ms`;
