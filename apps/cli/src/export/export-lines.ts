/** The lines of an export file, one page of entries in memory at a time. */
import type { AuditExportReply, AuditFilter } from '@strongroom/contracts';
import { leafHash } from '@strongroom/merkle';
import { PageCheck } from '../verify/page-check.ts';
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

/** With their ends. Throws `reply-invalid` for pages that do not fit together, `record-tampered` for what OCSF or CSV would make of entries that are not genuine. */
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
  const check = new PageCheck(question);
  for await (const page of pages) {
    const { checkpoint } = page;
    const origin = checkpoint.slice(0, checkpoint.indexOf('\n'));
    for (const { leaf, ...indexed } of check.entries(page)) {
      const hash = leafHash(leaf);
      if (format === 'csv') yield `${csvRow(indexed, hash)}\r\n`;
      else yield `${JSON.stringify(ocsfEvent(indexed, { origin, leafHash: hash }))}\n`;
    }
  }
}
