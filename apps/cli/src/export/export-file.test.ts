/** An export that is interrupted at every page and at any byte ends as the one that was not. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { AuditExportRequest } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { bodyOf, collect, makeTestExport, type TestExport } from '../../testing/test-export.ts';
import type { Ask } from '../report/ask.ts';
import { exportFile, resumeExport } from './export-file.ts';
import type { ExportFormat } from './export-lines.ts';

class Interrupted extends Error {}

/** Pages of three of the log as it was; answers so often, and from then on not. */
function served(log: TestExport, answers = Number.POSITIVE_INFINITY) {
  let left = answers;
  const size = log.entries.length;
  const ask = async (_operation: string, params: object) => {
    left -= 1;
    if (left < 0) throw new Interrupted();
    const { filter, after = '0', checkpointSize = size } = params as AuditExportRequest;
    assert.equal(checkpointSize, size);
    const pages = await collect(log.pages(filter, 3));
    const at = Number(after);
    return { ...pages[at], ...(at + 1 < pages.length ? { next: String(at + 1) } : {}) };
  };
  return { ask: ask as unknown as Ask, identity: log.identity, note: () => undefined };
}

async function inFolder(use: (file: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'strongroom-export-'));
  try {
    await use((name) => path.join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const question = (format: ExportFormat) => ({ format, filter: {}, prove: false });

test('interrupted at every page, with half a line of the next one written', () =>
  inFolder(async (file) => {
    const log = makeTestExport();
    for (const format of ['bundle', 'ocsf', 'csv'] as const) {
      const [whole, parts] = [file(`whole-${format}`), file(`parts-${format}`)];
      await exportFile(served(log), whole, question(format));
      await assert.rejects(exportFile(served(log, 1), parts, question(format)), Interrupted);
      let rounds = 0;
      for (let isDone = false; !isDone; rounds += 1) {
        await appendFile(parts, '{"entry":{"app');
        const outcome = await resumeExport(served(log, 1), parts, log.fingerprint).catch(
          (fault: unknown) => fault,
        );
        isDone = !(outcome instanceof Interrupted);
        if (isDone) assert.deepEqual(outcome, { format, prove: false, entries: log.entries.length });
      }
      assert.ok(rounds > 5, `${rounds} rounds`);
      assert.equal(await readFile(parts, 'utf8'), await readFile(whole, 'utf8'), format);
    }
    const left = (await readdir(file('.'))).filter((name) => name.includes('resume'));
    assert.deepEqual(left, []);
  }));

test('interrupted before the first page it begins anew; a message over two pages is written once', () =>
  inFolder(async (file) => {
    const log = makeTestExport();
    // Nine entries in one message: three pages.
    log.append(Array.from({ length: 9 }, () => bodyOf()));
    await exportFile(served(log), file('whole'), question('bundle'));
    await assert.rejects(exportFile(served(log, 0), file('parts'), question('bundle')), Interrupted);
    await assert.rejects(resumeExport(served(log, 9), file('parts'), log.fingerprint), Interrupted);
    await resumeExport(served(log), file('parts'), log.fingerprint);
    assert.equal(await readFile(file('parts'), 'utf8'), await readFile(file('whole'), 'utf8'));
  }));

test('what is there already is verified before it is gone on with', () =>
  inFolder(async (file) => {
    const log = makeTestExport();
    const begin = async (name: string) => {
      await assert.rejects(exportFile(served(log, 4), file(name), question('bundle')), Interrupted);
      return readFile(file(name), 'utf8');
    };
    const refused = (name: string, code: string, fingerprint = log.fingerprint) =>
      assert.rejects(
        resumeExport(served(log), file(name), fingerprint),
        (fault: unknown) => isStrongroomError(fault) && fault.code === code,
      );
    const text = await begin('changed');
    const at = text.indexOf('"proof":["') + 12;
    await writeFile(
      file('changed'),
      `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`,
    );
    await refused('changed', 'record-tampered');
    await begin('cut');
    await truncate(file('cut'), text.length - 1);
    await refused('cut', 'record-tampered');
    await begin('stranger');
    await refused('stranger', 'record-tampered', makeTestExport().fingerprint);
    await begin('lost');
    await rm(file('lost.resume'));
    await refused('lost', 'request-invalid');
    await exportFile(served(log), file('done'), question('bundle'));
    await refused('done', 'request-invalid');
  }));
