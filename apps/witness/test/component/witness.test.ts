/** The witness over HTTP with its file of state, asked by a log that grows, forks, lies about proofs and is somebody else. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import {
  consistencyPath,
  cosignedAt,
  emptyRoot,
  formatCheckpoint,
  leafHash,
  parseCosignatureKey,
  rootHash,
  signedNote,
} from '@strongroom/merkle';
import { ed25519RawPublicKey, ed25519Verify, readKeyFile } from '@strongroom/sealed';
import { type Answer, makeAddCheckpoint } from '../../src/app/add-checkpoint.ts';
import { WitnessServer } from '../../src/inbound/witness-server.ts';
import { initialise } from '../../src/initialise.ts';
import { openStateFile } from '../../src/outbound/state-file.ts';

const origin = 'log.example/one';
const name = 'witness.example/w1';
const log = generateKeyPairSync('ed25519');
const publicKey = ed25519RawPublicKey(log.privateKey);

let folder: string;
let key: NonNullable<ReturnType<typeof parseCosignatureKey>>;
let running: WitnessServer[] = [];
const paths = () => ({ keyFile: join(folder, 'key.json'), stateFile: join(folder, 'state.json') });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strongroom-witness-'));
  const said: string[] = [];
  assert.equal(await initialise({ name, ...paths(), print: (line) => said.push(line) }), 0);
  key = parseCosignatureKey(said.at(-1) ?? '') as typeof key;
});
afterEach(async () => {
  for (const server of running) await server.stop();
  running = [];
  await rm(folder, { recursive: true });
});

async function start() {
  const signer = await readKeyFile(paths().keyFile);
  const answers: Answer[] = [];
  const server = new WitnessServer({
    ...{ host: '127.0.0.1', port: 0 },
    addCheckpoint: makeAddCheckpoint({
      logs: [{ name: origin, publicKey }],
      ...{ name, publicKey: key.publicKey, now: () => 1_700_000_000 },
      sign: (bytes) => signer.sign(bytes),
      state: await openStateFile(paths().stateFile),
    }),
    onAnswer: (answer) => answers.push(answer),
    onFault: () => undefined,
  });
  await server.start();
  running.push(server);
  const ask = async (body: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/add-checkpoint`, { method: 'POST', body });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    };
  };
  return { ask, answers };
}

const leaves = (count: number, salt = '') =>
  Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`${index < 5 ? '' : salt}${index}`)));
const rootOf = (tree: readonly Uint8Array[]) => (tree.length === 0 ? emptyRoot : rootHash(tree));

function noteOf(tree: readonly Uint8Array[], of = origin): string {
  const text = formatCheckpoint({ origin: of, size: tree.length, root: rootOf(tree) });
  return signedNote(text, of, publicKey, sign(null, Buffer.from(text), log.privateKey));
}

function bodyOf(old: number, tree: readonly Uint8Array[], proof?: readonly Uint8Array[]): string {
  const path = proof ?? (old === 0 || old >= tree.length ? [] : consistencyPath(old, tree));
  return `old ${old}\n${path.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('')}\n${noteOf(tree)}`;
}

const isCosigned = (note: string, line: string) =>
  cosignedAt(note + line, key.name, key.publicKey, (bytes, signature) =>
    ed25519Verify(key.publicKey, bytes, signature),
  ) === 1_700_000_000;

test('a log that grows is cosigned, and cosigned again when the answer was lost', async () => {
  const { ask } = await start();
  for (const [old, size] of [
    [0, 0],
    [0, 5],
    [5, 5],
    [5, 12],
  ] as const) {
    const answer = await ask(bodyOf(old, leaves(size)));
    assert.equal(answer.status, 200, answer.text);
    assert.ok(isCosigned(noteOf(leaves(size)), answer.text));
  }
});

test('who asks from another size is told the right one', async () => {
  const { ask } = await start();
  await ask(bodyOf(0, leaves(5)));
  assert.deepEqual(await ask(bodyOf(0, leaves(9))), { status: 409, type: 'text/x.tlog.size', text: '5\n' });
  assert.equal((await ask(bodyOf(9, leaves(5)))).status, 400);
});

test('a fork is refused with both roots, by a witness that was started again too', async () => {
  await (await start()).ask(bodyOf(0, leaves(9)));
  for (let round = 0; round < 2; round += 1) {
    const { ask, answers } = await start();
    const fork = leaves(9, 'fork');
    const roots = [leaves(9), fork].map((tree) => Buffer.from(rootOf(tree)).toString('base64'));
    const same = await ask(bodyOf(9, fork));
    assert.equal(same.status, 409);
    const longer = await ask(bodyOf(9, leaves(12, 'fork')));
    assert.equal(longer.status, 422);
    for (const root of roots) assert.ok(same.text.includes(root), same.text);
    assert.ok(longer.text.includes(roots[0] ?? ''));
    assert.ok('reason' in (answers[0] as Answer), 'it is told to the people who run it too');
    assert.equal((await ask(bodyOf(9, leaves(12), []))).status, 422);
  }
});

test('unknown logs, other keys and other texts are refused', async () => {
  const { ask } = await start();
  const good = bodyOf(0, leaves(5));
  const other = `old 0\n\n${noteOf(leaves(5), 'log.example/two')}`;
  const forged = good.replace(/— (.*) (....)/, '— $1 AAAA');
  assert.deepEqual(
    await Promise.all(
      [other, forged, '', good.replace('old 0', 'old 00'), good.slice(4)].map(
        async (body) => (await ask(body)).status,
      ),
    ),
    [404, 403, 400, 400, 400],
  );
  assert.equal((await ask('x'.repeat(20_000))).status, 413);
  assert.equal((await ask(good)).status, 200);
});

test('nothing is signed that the file does not hold, and a lost file is not made anew', async () => {
  const { ask } = await start();
  await ask(bodyOf(0, leaves(5)));
  const { stateFile } = paths();
  assert.match(await readFile(stateFile, 'utf8'), /"size":5/);
  await rm(folder, { recursive: true });
  assert.equal((await ask(bodyOf(5, leaves(9)))).status, 500);
  await assert.rejects(openStateFile(stateFile), { code: 'configuration-invalid' });
  folder = await mkdtemp(join(tmpdir(), 'strongroom-witness-'));
  await writeFile(paths().stateFile, '{}');
  await assert.rejects(openStateFile(paths().stateFile), { code: 'configuration-invalid' });
  assert.equal(await initialise({ name, ...paths(), print: () => undefined }), 1);
});
