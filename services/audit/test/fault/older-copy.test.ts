/**
 * The database is put back to an older copy of its data directory, checkpoints included. The writer stops with its reason
 * before anything is written on top, whether it runs or starts; with the true data back, nothing is missing.
 */
import assert from 'node:assert/strict';
import { rename, rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { runProgram } from '@strongroom/testing';
import { AuditHost, until } from '../../testing/audit-host.ts';
import { bodyOf } from '../../testing/test-deployment.ts';

let host: AuditHost;
before(async () => {
  host = await AuditHost.start();
});
after(() => host.stop());

const copy = (from: string, to: string) =>
  runProgram('cp', ['-a', from, to], { PATH: process.env['PATH'] ?? '' });

/** Keeps the data as it is now; what is answered puts the copy in its place, and what that answers the true data again. */
async function keepCopy(): Promise<() => Promise<() => Promise<void>>> {
  const { postgres } = host;
  const [older, truth] = [`${postgres.data}.older`, `${postgres.data}.truth`];
  await postgres.kill();
  await copy(postgres.data, older);
  await postgres.start();
  return async () => {
    await postgres.kill();
    await rename(postgres.data, truth);
    await rename(older, postgres.data);
    await postgres.start();
    return async () => {
      await postgres.kill();
      await rm(postgres.data, { recursive: true });
      await rename(truth, postgres.data);
      await postgres.start();
    };
  };
}

async function signedAll(): Promise<void> {
  const size = async () => Number((await host.postgres.run('SELECT size FROM audit.writer')).rows[0].size);
  await until(async () => host.witness.signed.size === (await size()), 'all of it is signed');
}

async function assertRefused(): Promise<void> {
  await assert.rejects(host.append([bodyOf()]), (fault) => isStrongroomError(fault));
}

test('at run time: the writer stops, and goes on after a start on the true data', async () => {
  const writer = host.startProcess();
  await until(writer.isReady, 'the process writes');
  await host.appendUntilDone();
  const putBack = await keepCopy();
  for (let count = 0; count < 3; count += 1) await host.appendUntilDone();
  await signedAll();

  const restore = await putBack();
  await until(() => /"stopped".*the store went back: it has \d+ entries/.test(writer.log()), 'it stops');
  await assertRefused();
  await until(async () => {
    const reasons = Object.values((await writer.unready()) ?? {});
    return reasons.some((reason) => reason.startsWith('stopped: the store went back'));
  }, 'it says why it is not ready');
  assert.ok(!writer.hasEnded, 'it stays, and tells why');
  await writer.stop();

  await restore();
  const next = host.startProcess();
  await host.appendUntilDone();
  await next.stop();
  await host.check();
});

test('at the next start: the writer compares with what was signed, and stops', async () => {
  const first = host.startProcess();
  await until(first.isReady, 'the process writes');
  await host.appendUntilDone();
  await signedAll();
  const putBack = await keepCopy();
  await host.appendUntilDone([bodyOf(), bodyOf()]);
  await signedAll();
  await first.stop();

  const restore = await putBack();
  const asked = host.witness.requests.length;
  const { signed } = host.witness;
  const second = host.startProcess();
  await until(() => /"stopped".*the witness has signed \d+ entries/.test(second.log()), 'it stops');
  await assertRefused();
  assert.equal(host.witness.signed, signed, 'nothing was signed');
  assert.ok(host.witness.requests.length > asked, 'it was asked');
  await second.stop();

  await restore();
  const third = host.startProcess();
  await host.appendUntilDone();
  await third.stop();
  await host.check();
});
