/**
 * The audit service and a witness as processes of their own. What is served waits for the witness, who is behind is shown,
 * a stranger's program in Go counts the cosignature, and a log that tells another history is refused with both roots named.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { cosignatureVerifierKey, emptyRoot, noteVerifierKey } from '@strongroom/merkle';
import { findFreePort, findTool } from '@strongroom/testing';
import { AuditHost, until } from '../../testing/audit-host.ts';
import { createPostgresLog } from '../../testing/postgres-log.ts';
import { bodyOf, newKeyPair, origin } from '../../testing/test-deployment.ts';
import { WitnessProcess } from '../../testing/witness-process.ts';

let host: AuditHost;
let witness: WitnessProcess;
let settings: Readonly<Record<string, string>>;
let managementPort: number;
let tilesPort: number;

before(async () => {
  host = await AuditHost.start();
  witness = await WitnessProcess.initialise(host.directory.path, host.deployment.logKeyPair.raw);
  const list = join(host.directory.path, 'witnesses');
  await writeFile(list, `${witness.key} ${witness.url}\n`);
  [managementPort, tilesPort] = [await findFreePort(), await findFreePort()];
  settings = {
    WITNESSES_FILE: list,
    WITNESSES_NEEDED: '1',
    TILES_PORT: String(tilesPort),
    TILES_ENTRIES: 'true',
    MANAGEMENT_PORT: String(managementPort),
  };
});
after(async () => {
  await witness.kill();
  await host.stop();
});

async function metric(name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${managementPort}/metrics`);
  const line = (await answer.text()).split('\n').find((each) => each.startsWith(`${name}{`));
  assert.ok(line === undefined || line.includes(`witness="${witness.name}"`), line);
  return Number(line?.split(' ').at(-1));
}

const lag = () => metric('strongroom_witness_lag_entries');
const checkpoint = () => fetch(`http://127.0.0.1:${tilesPort}/checkpoint`);

/** Size of the checkpoint that is served; 0 where there is none. */
async function servedSize(): Promise<number> {
  const answer = await checkpoint();
  return answer.status === 200 ? Number((await answer.text()).split('\n')[1]) : 0;
}

async function askGo(...witnessKeys: readonly string[]): Promise<{ output: string; problem: string }> {
  const key = noteVerifierKey(origin, host.deployment.logKeyPair.raw);
  const program = findTool('tlog-check', 'STRONGROOM_TLOG_CHECK');
  const child = spawn(program, [`127.0.0.1:${tilesPort}`, key, ...witnessKeys]);
  child.stdin.end();
  const [output, problem] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { output, problem };
}

const manyBodies = (count: number) => Array.from({ length: count }, () => bodyOf());

test('what is served waits for the witness, its lag is shown, and Go counts its cosignature', async () => {
  const writer = host.startProcess(settings);
  await until(writer.isReady, 'the process writes');
  await host.appendUntilDone(manyBodies(20));
  await until(async () => (await lag()) === 20, 'the lag is shown');
  assert.ok((await metric('strongroom_witness_behind_seconds')) > 0);
  assert.equal((await checkpoint()).status, 404);
  const noAnswer = /"reason":"no answer","event":"witness-does-not-cosign"/;
  await until(() => noAnswer.test(writer.log()), 'it is told');

  witness.start();
  await until(async () => (await servedSize()) === 20, 'the checkpoint is served');
  await until(() => writer.log().includes('"witness-follows"'), 'that is told too');
  assert.deepEqual([await lag(), await metric('strongroom_witness_behind_seconds')], [0, 0]);
  const { output, problem } = await askGo(witness.key);
  assert.equal(problem, '');
  const { size, records, cosigners } = JSON.parse(output);
  assert.deepEqual([size, records, cosigners], [20, 20, [witness.name]]);
  const stranger = cosignatureVerifierKey(witness.name, newKeyPair().raw);
  assert.match((await askGo(stranger)).problem, /no signature of witness\.example\/w1/);

  // A witness that ended goes on from its one file.
  await witness.kill();
  await host.appendUntilDone(manyBodies(5));
  await until(async () => (await lag()) === 5, 'the lag is shown again');
  assert.equal(await servedSize(), 20, 'what was cosigned is served on');
  witness.start();
  await until(async () => (await servedSize()) === 25, 'the witness follows');
  await writer.stop();
  await host.check();
});

test('another history is refused with both roots, by the witness and in the log of the service', async () => {
  const cosigned = await witness.cosignedRoot();
  await beginAnew();
  // Long enough before the witness hears of it: it is not told of a log that became shorter.
  const first = host.startProcess();
  await host.appendUntilDone(manyBodies(30));
  await first.stop();

  const second = host.startProcess(settings);
  await until(() => second.log().includes('"witness-does-not-cosign"'), 'the witness refuses');
  const forked = Buffer.from(host.witness.signed.root).toString('base64');
  for (const root of [cosigned, forked]) {
    assert.ok(second.log().includes(root), 'the service names it');
    await until(() => witness.log.includes(root), 'the witness names it');
  }
  assert.match(second.log(), /422 .*a fork: of 25 entries/);
  assert.equal((await checkpoint()).status, 404, 'the other history is not served');
  assert.equal(await witness.cosignedRoot(), cosigned);
  await second.stop();
});

test('a log that became shorter than what was cosigned stops the writer, whatever the HSM says', async () => {
  await beginAnew();
  const writer = host.startProcess(settings);
  await until(() => /"stopped".*has cosigned 25 entries, the log has 0/.test(writer.log()), 'it stops');
  await assert.rejects(host.append());
  await writer.stop();
});

/** As whoever holds database and HSM might: nothing was ever written, nothing ever signed. */
async function beginAnew(): Promise<void> {
  await createPostgresLog(host.postgres);
  host.acknowledged.length = 0;
  Object.assign(host.witness, {
    signed: { size: 0, root: emptyRoot },
    certified: { epoch: 0, publicKey: '' },
  });
}
