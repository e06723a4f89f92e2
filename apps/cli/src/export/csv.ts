/**
 * Entries as CSV (RFC 4180). A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return
 * for a formula, and the names in the log are made by those whom it is about: such a cell begins with an apostrophe here.
 */
import type { IndexedEntry } from '@strongroom/contracts';

const columns = [
  ...[
    'index',
    'at',
    'actor',
    'proof',
    'operation',
    'phase',
    'outcome',
    'code',
    'objects',
    'cluster',
    'namespace',
  ],
  ...['pod', 'node', 'request', 'approval', 'approvers', 'worker', 'leaf_hash'],
];
const formula = /^[=+\-@\t\r]/;
const listSeparator = ' ';

export const csvHead = csvLine(columns);

export function csvRow({ index, entry: { body, placement } }: IndexedEntry, leafHash: Uint8Array): string {
  const { actor } = body;
  return csvLine([
    String(index),
    placement.at,
    actor.id,
    actor.proof,
    body.operation,
    body.phase,
    body.outcome,
    body.code,
    body.objects
      .map(({ kind, group, name }) => [kind, group, name].filter(Boolean).join('/'))
      .join(listSeparator),
    actor.cluster,
    actor.namespace,
    actor.pod,
    actor.node,
    body.requestId,
    body.approval,
    body.approvers?.join(listSeparator),
    body.worker,
    Buffer.from(leafHash).toString('base64url'),
  ]);
}

/** Without its end, which is CR LF. */
function csvLine(cells: readonly (string | undefined)[]): string {
  return cells.map((cell = '') => csvCell(cell)).join(',');
}

export function csvCell(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
