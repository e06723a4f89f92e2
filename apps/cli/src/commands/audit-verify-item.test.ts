/** From the file of a batch to the proof of one item and the verdict over it, with no network. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { toStrongroomError } from '@strongroom/errors';
import { itemsRoot } from '@strongroom/sealed';
import { bodyOf, collect, makeTestExport, type TestExport } from '../../testing/test-export.ts';
import { makeCli } from '../cli.ts';
import { batchRecordText } from '../verify/batch-record.ts';
import { bundleLines } from '../verify/write-bundle.ts';

async function run(...args: readonly string[]) {
  let out = '';
  const cli = makeCli({
    out: { write: (chunk) => (out += String(chunk)) },
    err: { write: () => undefined },
    readInput: async () => Buffer.alloc(0),
  });
  const fault = await cli.run(['--json', ...args]).catch((thrown: unknown) => thrown);
  const error = fault === undefined ? undefined : toStrongroomError(fault);
  const { exit = 0 } = error?.descriptor ?? {};
  return { exit, detail: error?.detail ?? '', shown: out === '' ? {} : JSON.parse(out) };
}

const operation = 'crypto.encrypt-many';
const seed = Buffer.alloc(32, 7);
const requests = [0, 1, 2].map((number) => ({ group: 'default', key: 'orders', plaintext: `MD${number}` }));
const results = requests.map((_, number) => ({ status: 'done', ciphertext: `sr1.${number}` }));

const bundleText = async (log: TestExport) =>
  (await collect(bundleLines(log.pages(), { filter: {}, identity: log.identity })))
    .map((line) => `${line}\n`)
    .join('');

async function scene() {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-item-'));
  const log = makeTestExport();
  const entry = log.entries.length;
  const root = encodeBytes(itemsRoot(seed, { requests, results }));
  const reply = { count: JSON.stringify(requests.length), root: JSON.stringify(root) };
  const objects = [{ kind: 'key', group: 'default', name: 'orders' }];
  log.append([bodyOf({ operation, objects, reply }), bodyOf()]);
  const file = (name: string) => join(folder, name);
  const written = { results, seed: encodeBytes(seed) } as never;
  await writeFile(file('batch'), batchRecordText({ operation, entry, requests, reply: written }));
  await writeFile(file('bundle'), await bundleText(log));
  const verify = (proof: string, bundle = 'bundle', fingerprint = log.fingerprint) =>
    run('audit', 'verify-item', file(proof), '--bundle', file(bundle), '--identity-fingerprint', fingerprint);
  return { folder, log, entry, file, verify };
}

test('one item of a batch is proven from a bundle, and shows nothing of the others', async (context) => {
  const { folder, entry, file, verify } = await scene();
  context.after(() => rm(folder, { recursive: true }));
  const made = await run('crypto', 'prove', file('batch'), '--item', '2', '--out', file('proof'));
  assert.equal(made.exit, 0, made.detail);
  assert.equal((await stat(file('proof'))).mode & 0o777, 0o600);
  const text = await readFile(file('proof'), 'utf8');
  for (const other of ['MD0', 'MD2', 'sr1.0', 'sr1.2', encodeBytes(seed)]) assert.ok(!text.includes(other));
  const { exit, detail, shown } = await verify('proof');
  assert.equal(exit, 0, detail);
  assert.deepEqual([shown.verdict, shown.entry, shown.item], ['proven', entry, '2 of 3']);
  assert.deepEqual([JSON.parse(shown.request), JSON.parse(shown.result)], [requests[1], results[1]]);
});

test('what was not in the batch, is of another log, or stands on a bundle that is not genuine is refused', async (context) => {
  const { folder, log, file, verify } = await scene();
  context.after(() => rm(folder, { recursive: true }));
  await run('crypto', 'prove', file('batch'), '--item', '3', '--out', file('proof'));
  const proof = JSON.parse(await readFile(file('proof'), 'utf8'));
  const altered = async (change: object) => {
    await writeFile(file('altered'), JSON.stringify({ ...proof, ...change }));
    return verify('altered');
  };
  for (const change of [
    { result: { status: 'done', ciphertext: 'sr1.9' } },
    { index: 1 },
    { count: 4 },
    { operation: 'crypto.decrypt-many' },
    { entry: proof.entry + 1 },
  ]) {
    const { exit, detail, shown } = await altered(change);
    assert.deepEqual([exit, shown.verdict], [8, 'refused'], JSON.stringify(change));
    assert.match(detail, /does not commit to this item/);
  }
  const absent = await altered({ entry: 9_999 });
  assert.deepEqual([absent.exit, absent.shown.verdict], [6, 'unproven']);

  const stranger = await verify('proof', 'bundle', makeTestExport().fingerprint);
  assert.deepEqual([stranger.exit, stranger.shown.verdict], [8, 'refused']);
  // The entry itself is as it was: what is wrong comes after it.
  const lines = (await bundleText(log)).split('\n');
  await writeFile(file('cut'), `${lines.slice(0, -2).join('\n')}\n`);
  const cut = await verify('proof', 'cut');
  assert.deepEqual([cut.exit, cut.shown.verdict], [8, 'refused']);
});

test('what is no file of a batch, no proof, or no item is refused by name', async (context) => {
  const { folder, file, verify } = await scene();
  context.after(() => rm(folder, { recursive: true }));
  for (const item of ['0', '4']) {
    const out = await run('crypto', 'prove', file('batch'), '--item', item, '--out', file('none'));
    assert.deepEqual([out.exit, out.detail], [2, '--item: the batch has 3 items']);
  }
  const wrong = await run('crypto', 'prove', file('bundle'), '--item', '1', '--out', file('none'));
  assert.deepEqual([wrong.exit, wrong.detail], [2, 'the file is none that crypto batch wrote']);
  const noProof = await verify('batch');
  assert.deepEqual([noProof.exit, noProof.detail], [2, 'the file is no proof of an item']);
});
