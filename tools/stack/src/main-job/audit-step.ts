/** Step 4: the log has it all, a bundle of it verifies with the fingerprint alone, and one flipped byte does not. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StackInfo } from '../stack-info.ts';
import { type CommandLine, cliMain, runProgram } from './command-line.ts';
import { expect } from './kms-step.ts';
import { type StepRow, timed, toRow } from './measurement.ts';

const expectedOperations = [
  'kms.unwrap',
  'kms.wrap',
  'secret.read-many',
  'secret.write',
  'key.rotate',
  'proposal.vote',
];

export async function runAuditStep(
  info: StackInfo,
  operator: CommandLine,
  startedAt: string,
): Promise<StepRow[]> {
  const place = await mkdtemp(join(tmpdir(), 'strongroom-job-'));
  try {
    const queryMs: number[] = [];
    for (const operation of expectedOperations) {
      const answer = await timed(queryMs, () =>
        operator([
          'audit',
          'query',
          '--operation',
          operation,
          '--from',
          startedAt,
          '--outcome',
          'done',
          '--limit',
          '5',
        ]),
      );
      expect((answer['items'] as unknown[]).length > 0, `the log has no ${operation}`);
    }
    const bundle = join(place, 'bundle.ndjson');
    const exportMs: number[] = [];
    const exported = await timed(exportMs, () =>
      operator(['audit', 'export', '--from', startedAt, '--out', bundle]),
    );
    const verifyMs: number[] = [];
    const genuine = await timed(verifyMs, () => verify(info, bundle));
    expect(genuine.status === 0, `the bundle does not verify: ${genuine.err.trim()}`);
    const flipped = await flipOneByte(bundle, join(place, 'flipped.ndjson'));
    const refused = await verify(info, flipped.path);
    expect(refused.status !== 0, 'a bundle with a flipped byte verifies');
    expect(
      refused.err.includes(`entry ${flipped.index}`),
      `the verifier does not name entry ${flipped.index}: ${refused.err.trim()}`,
    );
    return [
      toRow('audit query', queryMs, 'every kind of operation of this run is in the log'),
      toRow('audit export', exportMs, `${exported['entries']} entries with proofs`),
      toRow(
        'audit verify',
        verifyMs,
        `fingerprint alone, no network; one flipped byte refused at entry ${flipped.index}`,
      ),
    ];
  } finally {
    await rm(place, { recursive: true });
  }
}

/** As an auditor runs it: no profile, no key, no environment. */
const verify = (info: StackInfo, bundle: string) =>
  runProgram(
    cliMain,
    ['--json', 'audit', 'verify', bundle, '--identity-fingerprint', info.identityFingerprint],
    {},
  );

/** Changes one bit of the request id that an entry in the middle of the bundle names. */
async function flipOneByte(bundle: string, path: string): Promise<{ path: string; index: number }> {
  const lines = (await readFile(bundle, 'utf8')).trimEnd().split('\n');
  const entryLines = lines
    .map((line, at) => ({ at, line }))
    .filter(({ line }) => line.startsWith('{"entry"'));
  const chosen = entryLines[Math.floor(entryLines.length / 2)];
  expect(chosen !== undefined, 'the bundle has no entries');
  const { entry } = JSON.parse(chosen.line) as {
    entry: { index: number; entry: { body: { requestId: string } } };
  };
  const bytes = Buffer.from(chosen.line);
  const place = bytes.indexOf(entry.entry.body.requestId);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  lines[chosen.at] = bytes.toString();
  await writeFile(path, `${lines.join('\n')}\n`);
  return { path, index: entry.index };
}
