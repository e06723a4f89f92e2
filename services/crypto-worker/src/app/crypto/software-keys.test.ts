import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { FakeClock } from '@strongroom/testing';
import { type SoftwareKeyReference, SoftwareKeys, softwareKeyAgeMsMax } from './software-keys.ts';

const reference = (name: string): SoftwareKeyReference => ({
  kind: 'software',
  wrappedBy: 'strongroom/wrap',
  sealed: Buffer.from(name),
  context: Buffer.from('context'),
});

function keysWith(keysMax?: number) {
  const clock = new FakeClock();
  const given: Uint8Array[] = [];
  let fault: unknown;
  const hsm = {
    async decrypt(_: unknown, sealed: Uint8Array) {
      if (fault !== undefined) throw fault;
      const octets = Buffer.alloc(32, sealed[0]);
      given.push(octets);
      return octets;
    },
  };
  const keys = new SoftwareKeys({ hsm, clock, ...(keysMax === undefined ? {} : { keysMax }) });
  const failWith = (next: unknown): void => {
    fault = next;
  };
  return { clock, given, keys, failWith };
}

test('a hot key is used without the HSM, and its octets are zeroed once they are a key object', async () => {
  const { keys, given } = keysWith();
  const key = await keys.get(reference('a'));
  assert.equal(await keys.get(reference('a')), key);
  assert.equal(given.length, 1);
  assert.deepEqual(given[0], Buffer.alloc(32));
  assert.equal(key.export().toString('latin1'), 'a'.repeat(32));
  assert.ok(!inspect(key, { showHidden: true, depth: 9 }).includes('a'.repeat(8)));
});

test('no key stays hot for longer than ten minutes after the HSM gave it, however much it is used', async () => {
  const { clock, keys, given } = keysWith();
  await keys.get(reference('a'));
  clock.advance(softwareKeyAgeMsMax - 1);
  await keys.get(reference('a'));
  assert.equal(given.length, 1);
  clock.advance(1);
  assert.equal(keys.size, 1);
  keys.sweep();
  assert.equal(keys.size, 0);
  await keys.get(reference('a'));
  assert.equal(given.length, 2);
  clock.advance(softwareKeyAgeMsMax);
  await keys.get(reference('a'));
  assert.equal(given.length, 3);
  assert.ok(softwareKeyAgeMsMax + 60_000 <= 600_000);
});

test('a clock that was put back makes no key live longer', async () => {
  const { clock, keys, given } = keysWith();
  clock.advance(5_000);
  await keys.get(reference('a'));
  clock.advance(-1);
  await keys.get(reference('a'));
  assert.equal(given.length, 2);
});

test('the number of hot keys is bounded: the one not used for longest goes', async () => {
  const { keys, given } = keysWith(2);
  for (const name of ['a', 'b', 'a', 'c']) await keys.get(reference(name));
  assert.equal(keys.size, 2);
  await keys.get(reference('a'));
  assert.equal(given.length, 3);
  await keys.get(reference('b'));
  assert.equal(given.length, 4);
});

test('octets that do not open are a tampered record; an HSM that is away is told as it is', async () => {
  const { keys, failWith } = keysWith();
  for (const [thrown, told] of [
    ['ciphertext-invalid', 'record-tampered'],
    ['hsm-unavailable', 'hsm-unavailable'],
  ] as const) {
    failWith(new StrongroomError(thrown));
    await assert.rejects(
      keys.get(reference('a')),
      (fault) => isStrongroomError(fault) && fault.code === told,
    );
  }
  assert.equal(keys.size, 0);
});
