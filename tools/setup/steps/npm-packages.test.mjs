import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingPackages } from './npm-packages.mjs';

const everywhere = () => true;
const a = { version: '1.0.0', integrity: 'sha512-a' };

test('nothing is missing when npm unpacked what the lockfile says', () => {
  assert.deepEqual(missingPackages({ '': {}, 'node_modules/a': a }, { 'node_modules/a': a }, everywhere), []);
});

test('another version, another hash, an absent record and an absent folder are missing', () => {
  const locked = { 'node_modules/a': a };
  for (const unpacked of [
    {},
    { 'node_modules/a': { ...a, version: '1.0.1' } },
    { 'node_modules/a': { ...a, integrity: 'sha512-b' } },
  ]) {
    assert.deepEqual(missingPackages(locked, unpacked, everywhere), ['a']);
  }
  assert.deepEqual(
    missingPackages(locked, locked, () => false),
    ['a'],
  );
});

test('an optional package of another platform may be absent, the Node.js of this one may not', () => {
  const other = { ...a, optional: true, os: ['sunos'] };
  assert.deepEqual(missingPackages({ 'node_modules/native-sunos': other }, {}, everywhere), []);
  const runtime = { ...a, optional: true, os: process.platform, cpu: process.arch };
  assert.deepEqual(missingPackages({ 'node_modules/node-here': runtime }, {}, everywhere), ['node-here']);
});

test('workspaces are links, and have to be there as well', () => {
  const link = { link: true };
  const path = 'node_modules/@strongroom/bus';
  assert.deepEqual(
    missingPackages({ [path]: link, 'packages/bus': {} }, { [path]: link }, () => false),
    ['@strongroom/bus'],
  );
});
