import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMirror, readVersions } from './debian-package.mjs';
import { readRelease, usesApt } from './host.mjs';

test('the mirror of the own release is used, and none is assumed', () => {
  const targets = [
    'https://packages.example/apt vendor main',
    'http://mirror.local/debian/ bookworm-updates main',
    'http://mirror.local/debian/ bookworm contrib',
    'http://mirror.local/debian/ bookworm main',
  ].join('\n');
  assert.equal(readMirror(targets, 'bookworm'), 'http://mirror.local/debian/');
  assert.equal(readMirror('', 'bookworm'), undefined);
});

test('versions are read from the listing of apt-cache', () => {
  const listing = 'nats-server |   2.15.1-1 | http://mirror.local/debian forky/main amd64 Packages\n';
  assert.deepEqual(readVersions(listing), ['2.15.1-1']);
  assert.deepEqual(readVersions(''), []);
});

test('the release is read from os-release, with and without quotes', () => {
  const debian = readRelease(
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
  );
  assert.deepEqual(debian, {
    id: 'debian',
    like: [],
    codename: 'bookworm',
    name: 'Debian GNU/Linux 12 (bookworm)',
  });
  assert.deepEqual(readRelease('ID=neon\nID_LIKE="ubuntu debian"\n').like, ['ubuntu', 'debian']);
});

test('a system that is not like Debian is not asked to run apt', () => {
  assert.ok(!usesApt(readRelease('ID=alpine\n')));
  assert.ok(!usesApt(readRelease('')));
});
