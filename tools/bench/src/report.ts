/** Rows of one run, and the table that puts each beside the raw limit of the same run. */
import type { Measured } from './measure.ts';

export type Variant = 'raw' | 'bare' | 'full';
export interface Row extends Measured {
  readonly case: string;
  readonly variant: Variant;
  readonly callers: number;
  /** CPU of an operation (of an item, in a batch) over all processes of the stack, and of the caller's own. */
  readonly serverCpuUs?: number;
  readonly callerCpuUs?: number;
}

const heads = [
  'CASE',
  'VARIANT',
  'CALLERS',
  'PER SECOND',
  'P50',
  'P99',
  'OF RAW',
  'SERVER CPU',
  'CALLER CPU',
];

export function formatReport(rows: readonly Row[]): string {
  return formatTable([heads, ...rows.map((row) => cellsOf(row, rows))]);
}

function cellsOf(row: Row, rows: readonly Row[]): readonly string[] {
  const { case: name, variant, callers, opsPerSecond, p50Us, p99Us, serverCpuUs, callerCpuUs } = row;
  const raw = rows.find((each) => each.variant === 'raw' && each.case === name && each.callers === callers);
  const share = raw === undefined ? '' : `${((opsPerSecond / raw.opsPerSecond) * 100).toFixed(0)} %`;
  const us = (value: number | undefined) => (value === undefined ? '' : `${Math.round(value)} us`);
  return [
    name,
    variant,
    String(callers),
    String(opsPerSecond),
    toMs(p50Us),
    toMs(p99Us),
    share,
    us(serverCpuUs),
    us(callerCpuUs),
  ];
}

export function formatTable(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const toMs = (us: number): string => `${(us / 1_000).toFixed(2)} ms`;
