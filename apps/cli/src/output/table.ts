/**
 * Plain tables for people. Names come from other people, so control characters, ANSI sequences and bidirectional
 * overrides are shown as escapes: a terminal must not be steered by what an audit log holds.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters that must not get through
const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function printable(text: string): string {
  return text.replace(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export type Row = Readonly<Record<string, unknown>>;

/** Columns in the given order, each as wide as its widest cell. */
export function formatTable(columns: readonly string[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => formatCell(row[column])));
  const heads = columns.map((column) => column.toUpperCase());
  const widths = heads.map((head, at) =>
    Math.max(head.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const format = (line: readonly string[]) =>
    line
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [format(heads), ...cells.map(format)].join('\n');
}

/** One field a line, for a single object. */
export function formatObject(object: Row): string {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${formatCell(value)}`).join('\n');
}

function formatCell(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return printable(value.join(', '));
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
