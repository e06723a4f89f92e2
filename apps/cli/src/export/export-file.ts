/**
 * An export into a file that can be interrupted at any time. After each page a small file beside it says where the next one
 * begins and how many bytes are whole; what was written later is cut off and asked for again. Memory: one page.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { type AuditExportReply, AuditFilter, makeChecker } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type Static, Type } from 'typebox';
import type { Ask } from '../report/ask.ts';
import { splitLines } from '../verify/split-lines.ts';
import { verifyBeginning } from '../verify/verify-bundle.ts';
import { type ExportSoFar, exportLines } from './export-lines.ts';

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Progress = Type.Object(
  {
    format: Type.Union([Type.Literal('bundle'), Type.Literal('ocsf'), Type.Literal('csv')]),
    filter: AuditFilter,
    /** Whether it is to hold a roll call. */
    prove: Type.Boolean(),
    bytes: count,
    entries: count,
    /** Of the next page; absent before the first. */
    page: Type.Optional(
      Type.Object(
        { after: Type.String({ maxLength: 256 }), checkpointSize: count },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type ExportProgress = Static<typeof Progress>;
const progressChecker = makeChecker<typeof Progress, ExportProgress>(Progress);

export interface ExportedLog {
  readonly ask: Ask;
  /** Identity key of the deployment, as base64url. */
  readonly identity: string;
  readonly note: (text: string) => void;
}

export interface Exported extends Pick<ExportProgress, 'format' | 'prove'> {
  readonly entries: number;
}

const pageMax = 200;
const bufferedMax = 262_144;
const progressPath = (path: string): string => `${path}.resume`;

/** Into a new file. */
export async function exportFile(
  log: ExportedLog,
  path: string,
  question: Pick<ExportProgress, 'format' | 'filter' | 'prove'>,
): Promise<Exported> {
  const progress = { ...question, bytes: 0, entries: 0 };
  const file = await open(path, 'wx', 0o600);
  await keepProgress(path, progress);
  return writePages(log, path, file, progress);
}

/** From where it was interrupted: what a bundle holds by then is verified first. Throws `request-invalid`, `record-tampered`. */
export async function resumeExport(
  log: ExportedLog,
  path: string,
  identityFingerprint: string,
): Promise<Exported> {
  const progress = await readProgress(path);
  const { bytes, format } = progress;
  if ((await stat(path)).size < bytes) throw tampered(`the file has fewer bytes than were written, ${bytes}`);
  const soFar = bytes === 0 ? undefined : format === 'bundle' ? await bundleSoFar() : {};
  await truncate(path, bytes);
  log.note(`${progress.entries} entries are there`);
  return writePages(log, path, await open(path, 'a'), progress, soFar);

  async function bundleSoFar(): Promise<ExportSoFar> {
    const lines = splitLines(createReadStream(path, { end: bytes - 1 }));
    const bundle = await verifyBeginning(lines, { identityFingerprint });
    if ('verdict' in bundle) throw tampered(bundle.reasons.join('; '));
    return { bundle };
  }
}

async function writePages(
  { ask, identity, note }: ExportedLog,
  path: string,
  file: FileHandle,
  begun: ExportProgress,
  soFar?: ExportSoFar,
): Promise<Exported> {
  const { filter, format, prove } = begun;
  let progress = begun;
  let pending = '';
  const flush = async () => {
    await file.appendFile(pending);
    progress = { ...progress, bytes: progress.bytes + Buffer.byteLength(pending) };
    pending = '';
  };
  async function* pages(): AsyncGenerator<AuditExportReply> {
    for (;;) {
      const page = await ask('audit.export', { filter, limit: pageMax, ...progress.page });
      yield page;
      // The next page is asked for when every line of this one has been taken.
      await flush();
      const { checkpointSize, next: after } = page;
      progress = { ...progress, entries: progress.entries + page.entries.length };
      note(`${progress.entries} entries`);
      if (after === undefined) return;
      progress = { ...progress, page: { after, checkpointSize } };
      await file.datasync();
      await keepProgress(path, progress);
    }
  }
  try {
    for await (const line of exportLines(format, pages(), { filter, identity }, soFar)) {
      pending += line;
      if (pending.length >= bufferedMax) await flush();
    }
    await flush();
    await file.datasync();
  } finally {
    await file.close();
  }
  await rm(progressPath(path));
  return { format, prove, entries: progress.entries };
}

async function keepProgress(path: string, progress: ExportProgress): Promise<void> {
  await writeFile(`${progressPath(path)}.new`, JSON.stringify(progress), { mode: 0o600 });
  await rename(`${progressPath(path)}.new`, progressPath(path));
}

async function readProgress(path: string): Promise<ExportProgress> {
  try {
    const value: unknown = JSON.parse(await readFile(progressPath(path), 'utf8'));
    if (progressChecker.check(value)) return value;
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && !(fault instanceof SyntaxError)) throw fault;
  }
  const detail = `${progressPath(path)} does not say where it was interrupted: begin anew with another file`;
  throw new StrongroomError('request-invalid', { detail });
}

const tampered = (detail: string) => new StrongroomError('record-tampered', { detail });
