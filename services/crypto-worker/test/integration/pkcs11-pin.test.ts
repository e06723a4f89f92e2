import { equal, rejects } from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { makeTemporaryDirectory } from '@strongroom/testing';
import { platformKey } from '../../src/domain/platform-key.ts';
import { refusedWith } from '../../testing/refused-with.ts';
import { type AdapterOnSoftHsm, startOnSoftHsm } from '../../testing/softhsm-adapter.ts';

describe('the PIN of the token', () => {
  let adapter: AdapterOnSoftHsm;
  let remove: () => Promise<void>;
  let pinFile: string;
  afterEach(async () => {
    await adapter.close();
    await remove();
  });

  const startWithPin = async (pin: string | undefined) => {
    const directory = await makeTemporaryDirectory('pin');
    remove = directory.remove;
    pinFile = join(directory.path, 'pin');
    if (pin !== undefined) await writeFile(pinFile, pin);
    adapter = await startOnSoftHsm({ pinFile, pauseMsMax: 10 });
  };
  /** Time enough for some twenty attempts, if there were any. */
  const manyPauses = () => new Promise((resolve) => setTimeout(resolve, 250));
  const logins = () => adapter.module.calls('C_Login');
  const rightPin = () => readFile(adapter.token.pinFile, 'utf8');

  it('is offered once when it is wrong, and not again before the file changes', async () => {
    await startWithPin('not-the-pin');
    await manyPauses();
    equal(logins(), 1);
    await rejects(adapter.hsm.createKey('strongroom/mac', platformKey.mac), refusedWith('hsm-unavailable'));
    await rejects(adapter.hsm.ready(AbortSignal.timeout(10)), (error: Error & { detail?: string }) =>
      /refused the PIN/.test(error.detail ?? ''),
    );
    await writeFile(pinFile, 'not-the-pin\n');
    await manyPauses();
    equal(logins(), 1, 'the same PIN with a line end is the same PIN');
    await writeFile(pinFile, 'another-wrong-pin');
    await manyPauses();
    equal(logins(), 2);
    await writeFile(pinFile, await rightPin());
    await adapter.ready();
    equal(logins(), 3);
  });

  it('is not offered when it is empty', async () => {
    await startWithPin('\n');
    await manyPauses();
    equal(logins(), 0);
    await writeFile(pinFile, await rightPin());
    await adapter.ready();
  });

  it('is waited for when its file is not there', async () => {
    await startWithPin(undefined);
    await manyPauses();
    equal(logins(), 0);
    await writeFile(pinFile, await rightPin());
    await adapter.ready();
    equal(logins(), 1);
  });

  it('that was right is offered again by a recovery, and read anew', async () => {
    await startWithPin(undefined);
    await writeFile(pinFile, await rightPin());
    await adapter.ready();
    adapter.module.failNext('C_GenerateRandom', 0x101);
    await rejects(adapter.hsm.random(8), refusedWith('hsm-unavailable'));
    await adapter.ready();
    equal(logins(), 2);
    await rm(pinFile);
    adapter.module.failNext('C_GenerateRandom', 0x101);
    await rejects(adapter.hsm.random(8), refusedWith('hsm-unavailable'));
    await manyPauses();
    equal(logins(), 2);
    equal(adapter.hsm.describe().state, 'recovering');
  });

  it('never reaches a token of another serial number', async () => {
    const directory = await makeTemporaryDirectory('pin');
    remove = directory.remove;
    adapter = await startOnSoftHsm({ tokenSerial: '0123456789abcdef', pauseMsMax: 10 });
    await manyPauses();
    equal(logins(), 0);
    await rejects(adapter.hsm.hasKey('strongroom/mac'), refusedWith('hsm-unavailable'));
  });
});
