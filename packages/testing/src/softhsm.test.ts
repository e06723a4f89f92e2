import { deepEqual, equal, match } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createSoftHsmToken } from './softhsm.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';

describe('a SoftHSM token', () => {
  it('lives in a directory of its own, with a random PIN that only its owner reads', async () => {
    const [first, second] = [await createSoftHsmToken(), await createSoftHsmToken({ tokenLabel: 'other' })];
    equal((await stat(first.pinFile)).mode & 0o777, 0o600);
    equal(first.tokenLabel, 'strongroom');
    equal(second.tokenLabel, 'other');
    match(first.serial, /^[0-9a-f]{16}$/);
    equal(first.serial === second.serial, false);
    equal((await readFile(first.pinFile, 'utf8')) === (await readFile(second.pinFile, 'utf8')), false);
    await first.stop();
    await second.stop();
    equal(existsSync(first.directory), false);
  });

  it('in a named directory is found again, and outlives a stop', async () => {
    const directory = await makeTemporaryDirectory('token');
    const token = await createSoftHsmToken({ directory: directory.path });
    await token.stop();
    const { stop: _, ...described } = token;
    const { stop: __, ...again } = await createSoftHsmToken({ directory: directory.path });
    deepEqual(again, described);
    await directory.remove();
  });

  it('whose login was killed half way is mended', async () => {
    const directory = await makeTemporaryDirectory('token');
    const { tokenDirectory } = await createSoftHsmToken({ directory: directory.path });
    const [folder] = await readdir(tokenDirectory);
    const file = join(tokenDirectory, folder as string, 'token.object');
    const before = await readFile(file);
    await truncate(file);
    await createSoftHsmToken({ directory: directory.path });
    deepEqual(await readFile(file), before);
    await directory.remove();
  });
});
