import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { homeAt, makeHome } from './home.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-home-'));
after(() => rmSync(folder, { recursive: true }));

test('nobody but the owner looks into a home', async () => {
  const home = homeAt(join(folder, 'a'));
  await makeHome(home);
  await makeHome(home);
  for (const place of [home.root, home.secrets, home.hsm, home.run, home.logs]) {
    assert.equal(statSync(place).mode & 0o777, 0o700, place);
  }
});

test('the socket of a home deep in the tree is elsewhere, since its path has to be short', async () => {
  const home = homeAt(join(folder, 'd'.repeat(100)));
  assert.ok(Buffer.byteLength(home.kmsSocket) <= 107);
  assert.notEqual(homeAt(join(folder, 'e'.repeat(100))).kmsSocket, home.kmsSocket);
  await makeHome(home);
  after(() => rmSync(dirname(home.kmsSocket), { recursive: true }));
  assert.equal(statSync(dirname(home.kmsSocket)).mode & 0o777, 0o700);
  assert.equal(homeAt('/srv/strongroom').kmsSocket, '/srv/strongroom/run/kms.sock');
});
