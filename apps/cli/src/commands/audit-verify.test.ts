/** The command as a person has it: what is said, and the exit status. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { toStrongroomError } from '@strongroom/errors';
import { leafHash } from '@strongroom/merkle';
import { bodyOf, collect, makeTestExport, TestExport } from '../../testing/test-export.ts';
import { makeCli } from '../cli.ts';
import { bundleLines } from '../verify/write-bundle.ts';

async function run(...args: readonly string[]) {
  let out = '';
  const cli = makeCli({
    out: { write: (chunk) => (out += String(chunk)) },
    err: { write: () => undefined },
    readInput: async () => Buffer.alloc(0),
  });
  const fault = await cli.run(['--json', 'audit', 'verify', ...args]).catch((thrown: unknown) => thrown);
  const error = fault === undefined ? undefined : toStrongroomError(fault);
  return { exit: error?.descriptor.exit ?? 0, detail: error?.detail ?? '', out };
}

const bundleOf = async (log: TestExport) =>
  (await collect(bundleLines(log.pages(), { filter: {}, identity: log.identity })))
    .map((line) => `${line}\n`)
    .join('');

test('two checkpoints: extended, forked, not proven, of a stranger, each with its exit status', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'strongroom-verify-'));
  const file = (name: string) => path.join(folder, name);
  try {
    const log = makeTestExport();
    const [size, note] = [log.entries.length, log.page([]).checkpoint];
    await writeFile(file('then.note'), note);
    log.append([bodyOf(), bodyOf()]);
    await writeFile(file('now.ndjson'), await bundleOf(log));
    await writeFile(file('now-head.ndjson'), (await bundleOf(log)).split('\n', 1).join(''));
    const other = new TestExport();
    const { identityKey, logKeyPair, workerKeys, fingerprint } = log;
    Object.assign(other, { identityKey, logKeyPair, workerKeys });
    other.append(Array.from({ length: size + 2 }, () => bodyOf()));
    await writeFile(file('other.ndjson'), await bundleOf(other));
    const compare = (newer: string, ...more: readonly string[]) =>
      run(file('then.note'), file(newer), '--identity-fingerprint', fingerprint, ...more);

    const whole = await compare('now.ndjson');
    assert.deepEqual([whole.exit, JSON.parse(whole.out).verdict], [0, 'consistent']);
    const fork = await compare('other.ndjson');
    assert.equal(fork.exit, 10);
    const roots = [note, other.page([]).checkpoint].map((text) => text.split('\n')[2]);
    assert.ok(fork.detail.endsWith(`: ${size} ${roots[0]} and ${size + 2} ${roots[1]}`), fork.detail);
    assert.equal((await compare('now-head.ndjson')).exit, 6);
    const hashes = Buffer.concat(log.entries.map(({ leaf }) => leafHash(leaf)));
    await mkdir(file('tile/0/000.p'), { recursive: true });
    await writeFile(file(`tile/0/000.p/${size + 2}`), hashes);
    assert.equal((await compare('now-head.ndjson', '--tiles', folder)).exit, 0);
    const stranger = new TestExport().fingerprint;
    const paths = [file('then.note'), file('now.ndjson')];
    assert.equal((await run(...paths, '--identity-fingerprint', stranger)).exit, 8);
    assert.equal((await run(...paths)).exit, 2);
    assert.equal((await run(file('now.ndjson'), '--identity-fingerprint', fingerprint)).exit, 0);
    assert.equal((await run('--identity-fingerprint', fingerprint)).exit, 2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
