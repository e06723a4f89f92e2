import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReachable } from './public-addresses.ts';

test('public addresses are reachable', () => {
  for (const address of [
    '8.8.8.8',
    '52.1.2.3',
    '172.15.255.255',
    '172.32.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
  ])
    assert.ok(isReachable(address, []), address);
});

test('loopback, private, link-local, shared, special and embedded addresses are not', () => {
  const refused = [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.8.8.8', '169.254.169.254', '172.16.0.1'],
    ...['172.31.255.255', '192.0.0.1', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:8.8.8.8', '::ffff:127.0.0.1', '64:ff9b::a00:1', 'fc00::1', 'fd12::1', 'fe80::1'],
    ...['ff02::1', '2002:7f00:1::', '2001:db8::1', '2001::1', '3fff::1', 'fec0::1'],
    ...['', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '8.8.8.8 ', 'fe80::1%eth0'],
  ];
  for (const address of refused) assert.ok(!isReachable(address, []), address);
});

test('a registration names single addresses, in whatever form', () => {
  assert.ok(isReachable('10.1.2.3', ['10.1.2.3']));
  assert.ok(!isReachable('10.1.2.4', ['10.1.2.3']));
  assert.ok(isReachable('fd00::1', ['fd00:0:0:0:0:0:0:1']));
  assert.ok(!isReachable('fd00::2', ['fd00:0:0:0:0:0:0:1']));
  assert.ok(!isReachable('localhost', ['localhost']));
});
