/** Where a command's answer goes: a table for people, one JSON document for scripts. */
import { toStrongroomError } from '@strongroom/errors';
import { formatObject, formatTable, printable, type Row } from './table.ts';

export interface Terminal {
  /** Rows of equal kind. `more`: there is another page. */
  rows(columns: readonly string[], rows: readonly Row[], more?: string): void;
  object(object: Row): void;
  /** Progress and remarks for people; never part of the answer. */
  note(text: string): void;
  /** Raw bytes on standard output. */
  bytes(bytes: Uint8Array): void;
  error(fault: unknown): void;
}

export interface TerminalStreams {
  readonly out: { write(chunk: string | Uint8Array): unknown };
  readonly err: { write(chunk: string): unknown };
}

export function makeTerminal({ out, err }: TerminalStreams, isJson: () => boolean): Terminal {
  const line = (text: string) => out.write(`${text}\n`);
  return {
    rows(columns, rows, more) {
      if (isJson()) line(JSON.stringify(more === undefined ? { items: rows } : { items: rows, next: more }));
      else line(rows.length === 0 ? '(none)' : formatTable(columns, rows));
      if (!isJson() && more !== undefined) err.write(`more: --after ${more}\n`);
    },
    object: (object) => line(isJson() ? JSON.stringify(object) : formatObject(object)),
    note: (text) => err.write(`${printable(text)}\n`),
    bytes: (bytes) => out.write(bytes),
    error(fault) {
      const { code, message, detail } = toStrongroomError(fault);
      if (isJson()) err.write(`${JSON.stringify({ error: { code, message, detail } })}\n`);
      else
        err.write(
          `strongroom: ${message} (${code})${detail === undefined ? '' : `\n  ${printable(detail)}`}\n`,
        );
    },
  };
}
