/**
 * The disk of the database is full while a process writes and is under load. Everything is refused with the reason, nothing
 * that was acknowledged is lost, and with room again the same process goes on.
 */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import {
  buildSharedObject,
  giveToPostgresUser,
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '@strongroom/testing';
import { AuditHost, until } from '../../testing/audit-host.ts';
import type { AuditProcess } from '../../testing/audit-process.ts';
import { bodyOf } from '../../testing/test-deployment.ts';

const refusalsMin = 12;
const entriesOfMessage = 40;

let directory: TemporaryDirectory;
let diskSwitch: string;
let host: AuditHost;
let writer: AuditProcess;

before(async () => {
  directory = await makeTemporaryDirectory('full-disk');
  await giveToPostgresUser(directory.path);
  diskSwitch = join(directory.path, 'full');
  const module = await buildSharedObject(
    join(import.meta.dirname, '..', '..', 'testing', 'full-disk', 'full-disk.c'),
  );
  host = await AuditHost.start({ LD_PRELOAD: module, FULL_DISK_SWITCH: diskSwitch });
  writer = host.startProcess();
  await until(writer.isReady, 'the process writes');
  await host.appendUntilDone();
});
afterEach(() => rm(diskSwitch, { force: true }));
after(async () => {
  await host.stop();
  await directory.remove();
});

/** Sends message after message until enough of them were refused; answers with the codes and the milliseconds of each. */
async function refusals(): Promise<{ readonly codes: ReadonlySet<string>; readonly ms: readonly number[] }> {
  const codes = new Set<string>();
  const ms: number[] = [];
  await until(async () => {
    const startedMs = performance.now();
    try {
      await host.append(Array.from({ length: entriesOfMessage }, () => bodyOf()));
    } catch (fault) {
      if (!isStrongroomError(fault)) throw fault;
      codes.add(fault.code);
      ms.push(performance.now() - startedMs);
    }
    return ms.length >= refusalsMin;
  }, 'appends are refused');
  return { codes, ms: ms.toSorted((one, other) => one - other) };
}

test('tables can not grow: appends are refused as PostgreSQL 53100, and go on by themselves', async (t) => {
  await writeFile(diskSwitch, '');
  const { codes, ms } = await refusals();
  t.diagnostic(`refused with ${[...codes]} after ${Math.round(ms[ms.length >> 1] ?? 0)} ms at the median`);
  for (const code of codes) assert.ok(['database-unavailable', 'audit-unavailable'].includes(code), code);
  assert.match(writer.log(), /"recovering".*PostgreSQL: 53100/);
  await host.check();

  await rm(diskSwitch);
  await host.appendUntilDone();
  assert.ok(!writer.hasEnded);
  await host.check();
});

test('the write-ahead log can not grow: the server ends, and the process goes on once it is back', async (t) => {
  await writeFile(diskSwitch, '');
  await host.postgres.run('SELECT pg_switch_wal()');
  const { codes, ms } = await refusals();
  t.diagnostic(`refused with ${[...codes]} after ${Math.round(ms[ms.length >> 1] ?? 0)} ms at the median`);

  await rm(diskSwitch);
  // It has ended by itself, or hangs in its recovery; either way it is brought back as an operator does.
  await host.postgres.kill();
  await host.postgres.start();
  await host.appendUntilDone();
  assert.ok(!writer.hasEnded);
  await host.check();
});
