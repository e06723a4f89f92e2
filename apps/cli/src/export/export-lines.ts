/** The lines of an export file, one page of entries in memory at a time. */
import { decodeBytes, parseCanonical } from '@strongroom/canonical';
import { type AuditExportReply, type AuditFilter, checkers, type ExportedEntry } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { leafHash } from '@strongroom/merkle';
import { type BundleSoFar, bundleLines } from '../verify/write-bundle.ts';
import { csvHead, csvRow } from './csv.ts';
import { ocsfEvent } from './ocsf.ts';

export const exportFormats = ['bundle', 'ocsf', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportQuestion {
  readonly filter: AuditFilter;
  /** Identity key of the deployment, as base64url. */
  readonly identity: string;
}

/** What an interrupted export has written; `bundle` where it is one. */
export interface ExportSoFar {
  readonly bundle?: BundleSoFar;
}

/** With their ends. Throws `reply-invalid` for pages that do not fit together or hold no entries of the log. */
export async function* exportLines(
  format: ExportFormat,
  pages: AsyncIterable<AuditExportReply>,
  question: ExportQuestion,
  soFar?: ExportSoFar,
): AsyncGenerator<string> {
  if (format === 'bundle') {
    for await (const line of bundleLines(pages, question, soFar?.bundle)) yield `${line}\n`;
    return;
  }
  if (format === 'csv' && soFar === undefined) yield `${csvHead}\r\n`;
  for await (const { checkpoint, entries } of pages) {
    const origin = checkpoint.slice(0, checkpoint.indexOf('\n'));
    for (const exported of entries) {
      const { leaf, ...indexed } = opened(exported);
      const hash = leafHash(leaf);
      if (format === 'csv') yield `${csvRow(indexed, hash)}\r\n`;
      else yield `${JSON.stringify(ocsfEvent(indexed, { origin, leafHash: hash }))}\n`;
    }
  }
}

function opened({ index, entry }: ExportedEntry) {
  const leaf = decodeBytes(entry);
  const value: unknown = parseCanonical(leaf);
  if (!checkers.entry.check(value)) throw new StrongroomError('reply-invalid', { detail: `entry ${index}` });
  return { index, entry: value, leaf };
}
