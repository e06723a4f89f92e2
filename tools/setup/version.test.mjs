import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, isNatsServerAccepted, isNodeAccepted, isRedisAccepted, readVersion } from './version.mjs';

/** @param {string} text */
const read = (text) => {
  const version = readVersion(text);
  assert.ok(version, text);
  return version;
};

test('a version is read from what the programs print', () => {
  assert.deepEqual(readVersion('nats-server: v2.15.1'), [2, 15, 1]);
  assert.deepEqual(
    readVersion('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'),
    [7, 0, 15],
  );
  assert.deepEqual(readVersion('v24.21.0'), [24, 21, 0]);
  assert.deepEqual(readVersion('postgres (PostgreSQL) 18.4'), [18, 4, 0]);
  assert.deepEqual(readVersion('2.15.1-1~bpo12+1'), [2, 15, 1]);
  assert.equal(readVersion('command not found'), undefined);
});

test('versions are compared as numbers, the most significant first', () => {
  assert.ok(isAtLeast([2, 12, 12], [2, 12, 9]));
  assert.ok(isAtLeast([3, 0, 0], [2, 99, 99]));
  assert.ok(!isAtLeast([2, 9, 99], [2, 10, 0]));
  assert.ok(isAtLeast([2, 12, 12], [2, 12, 12]));
});

test('each line of nats-server has its own floor, and 2.13 has none that is good enough', () => {
  for (const refused of [
    '1.4.1',
    '2.9.10',
    '2.11.99',
    '2.12.0',
    '2.12.11',
    '2.13.0',
    '2.13.99',
    '2.14.0',
    '2.14.2',
  ]) {
    assert.ok(!isNatsServerAccepted(read(refused)), refused);
  }
  for (const accepted of ['2.12.12', '2.12.30', '2.14.3', '2.14.10', '2.15.0', '2.15.2', '3.0.0']) {
    assert.ok(isNatsServerAccepted(read(accepted)), accepted);
  }
});

test('Redis from 7 and Node.js from 24', () => {
  assert.ok(!isRedisAccepted([6, 2, 14]));
  assert.ok(isRedisAccepted([7, 0, 0]));
  assert.ok(!isNodeAccepted([22, 12, 0]));
  assert.ok(isNodeAccepted([24, 0, 0]));
});
