import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advice, pieces } from './system-packages.mjs';

test('what set-up cannot install is told with its package, and how to do without where one can', () => {
  const lines = advice(pieces(), 'apt-get').join('\n');
  for (const name of ['softhsm2', 'redis-tools', 'openssl', 'openssh-client', 'g++', 'make', 'python3']) {
    assert.ok(lines.includes(`apt-get install ${name}`), name);
  }
  assert.match(lines, /STRONGROOM_PKCS11_MODULE=/);
  assert.match(lines, /STRONGROOM_REDIS_URL=/);
});

test('a server that runs already makes its program unneeded', async () => {
  const redis = pieces().find(({ name }) => name.startsWith('Redis'));
  process.env['STRONGROOM_REDIS_URL'] = 'redis://127.0.0.1:1';
  try {
    assert.equal(await redis?.isThere(), true);
  } finally {
    delete process.env['STRONGROOM_REDIS_URL'];
  }
});

test('a PKCS#11 module that is named has to be there', () => {
  const softHsm = pieces().find(({ name }) => name === 'SoftHSM');
  process.env['STRONGROOM_PKCS11_MODULE'] = '/nowhere/module.so';
  try {
    assert.equal(softHsm?.isThere(), false);
  } finally {
    delete process.env['STRONGROOM_PKCS11_MODULE'];
  }
});
