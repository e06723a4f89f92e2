/**
 * The clock of the writing process is put back by an hour under its feet. The order of the log is that of its indexes and
 * its time never goes back; what the bus takes for an hour old is not carried out (a message says when it was sent), so
 * checkpoints wait, and so do appends while the clock is ahead. Nobody takes the jump for an attack, and nothing has to be
 * started again once the clock is right.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { AuditHost, until } from '../../testing/audit-host.ts';
import type { AuditProcess } from '../../testing/audit-process.ts';
import { startLoad } from '../../testing/kill-writer.ts';

const hourMs = 3_600_000;
const steeredClock = new URL('../../testing/steered-clock.ts', import.meta.url).href;

let host: AuditHost;
let writer: AuditProcess;

before(async () => {
  host = await AuditHost.start();
});
after(() => host.stop());
afterEach(() => writer.kill());

async function start(): Promise<void> {
  writer = host.startProcess({}, steeredClock);
  await until(writer.isReady, 'the process writes');
}

async function putClock(offsetMs: number): Promise<void> {
  writer.child.stdin?.write(`${offsetMs}\n`);
  await until(() => writer.errors.endsWith(`clock ${offsetMs}\n`), 'the clock is put');
}

async function lastTime(): Promise<number> {
  const { rows } = await host.postgres.run('SELECT at FROM audit.entry ORDER BY index DESC LIMIT 1');
  return (rows[0].at as Date).getTime();
}

/** Resolves when a checkpoint was signed of all that is acknowledged now. */
async function signed(): Promise<void> {
  const size = host.acknowledged.reduce((most, { index }) => Math.max(most, index + 1), 0);
  await until(() => host.witness.signed.size >= size, 'it is signed');
}

test('an hour back, under load: entries go on in order, and checkpoints once the clock is right', async () => {
  await start();
  const load = startLoad(host, Math.random);
  try {
    await load.acknowledged();
    const before = await lastTime();
    await putClock(-hourMs);
    for (let count = 0; count < 20; count += 1) await host.appendUntilDone();
    assert.ok((await lastTime()) >= before);
    await putClock(0);
    await signed();
  } finally {
    await load.stop();
  }
  assert.doesNotMatch(writer.log(), /"(stopped|fenced)"/, 'no false alarm');
  await host.check();
});

test('an hour ahead: appends are refused until the clock is right', async () => {
  await start();
  await host.appendUntilDone();
  await putClock(hourMs);
  await assert.rejects(host.append(), isStrongroomError);
  await putClock(0);
  await host.appendUntilDone();
  await signed();
  await host.check();
});

test('an hour back at its start: it takes nothing until the clock is right', async () => {
  writer = host.startProcess({}, steeredClock);
  writer.child.stdin?.write(`${-hourMs}\n`);
  await until(() => /"opening".*"reason":"(?!not started)/.test(writer.log()), 'it says what it waits for');
  await assert.rejects(host.append(), isStrongroomError);
  await putClock(0);
  await host.appendUntilDone();
  await host.check();
});

test('a worker from what the clock calls the future is refused', async () => {
  await start();
  host.renewWorker({ notBefore: new Date().toISOString() });
  await host.appendUntilDone();
  await putClock(-hourMs);
  await assert.rejects(host.append(), (fault) => isStrongroomError(fault) && fault.code === 'proof-expired');
  await putClock(0);
  await host.appendUntilDone();
  await host.check();
});
