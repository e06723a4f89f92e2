/** Small parts that the component tests pass by: their bounds and their times. */
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { StrongroomError } from '@strongroom/errors';
import { FakeClock, MemoryHsm } from '@strongroom/testing';
import { hsmLabel } from '../domain/hsm-label.ts';
import { platformKey } from '../domain/platform-key.ts';
import { Commitments } from './commitments.ts';
import { TicketKeys } from './derived/ticket-keys.ts';
import { ProofCache } from './proof/proof-cache.ts';
import { retryStart } from './retry-start.ts';

const minuteMs = 60_000;

test('a token is remembered by cluster and record version, until it expires, and a bounded number of them', () => {
  const cache = new ProofCache<string>(2);
  const name = cache.nameOf('east', 'token');
  assert.notEqual(name, cache.nameOf('west', 'token'));
  cache.keep(name, 'web', 1, 100);
  assert.equal(cache.find(name, 1, 99), 'web');
  assert.equal(cache.find(name, 1, 100), undefined);
  cache.keep(name, 'web', 1, 100);
  assert.equal(cache.find(name, 2, 0), undefined, 'the cluster has other keys now');
  for (const token of ['a', 'b', 'c']) cache.keep(cache.nameOf('east', token), token, 1, 100);
  assert.equal(cache.size, 2);
  assert.equal(cache.find(cache.nameOf('east', 'a'), 1, 0), undefined);
});

test('ticket keys live as long as tickets, and no session opens where the HSM was away for too long', async () => {
  const clock = new FakeClock();
  const hsm = new MemoryHsm();
  await hsm.createKey(hsmLabel.mac, platformKey.mac);
  const keys = new TicketKeys({ hsm, pool: 'default', clock });
  await keys.refresh();
  const { id } = keys.current();
  assert.ok(keys.find(id) && keys.find(id - 1) && keys.find(id + 1));
  assert.equal(keys.find(id + 2), undefined);
  clock.advance(10 * minuteMs);
  hsm.setAvailable(false);
  await assert.rejects(keys.refresh(), { code: 'hsm-unavailable' });
  assert.equal(keys.current().id, id + 1, 'derived in advance');
  assert.ok(keys.find(id), 'what was issued a moment ago still opens');
  clock.advance(10 * minuteMs);
  assert.equal(keys.find(id), undefined);
  assert.throws(() => keys.current(), { code: 'hsm-unavailable' });
});

test('a commitment tells nothing without the key: equal values differ by place, and are found again by it', () => {
  const commitments = new Commitments(createSecretKey(Buffer.alloc(32, 1)));
  const others = new Commitments(createSecretKey(Buffer.alloc(32, 2)));
  const commit = commitments.commit('request-1', 'pin', '1234');
  assert.equal(commitments.commit('request-1', 'pin', '1234'), commit);
  const different = [
    commitments.commit('request-2', 'pin', '1234'),
    commitments.commit('request-1', 'code', '1234'),
    commitments.commit('request-1', 'pin', '1235'),
    others.commit('request-1', 'pin', '1234'),
    commitments.hash('pin', '1234'),
  ];
  assert.equal(new Set([commit, ...different]).size, 6);
  assert.notEqual(
    commitments.commit('request-1', 'pin', '1234', 'salt'),
    commit,
    'of a principal with a salt',
  );
  const request = Buffer.alloc(32, 2);
  assert.equal(commitments.mark(request, 'salt'), commitments.mark(request, 'salt'));
  assert.notEqual(commitments.mark(request, 'salt'), commitments.mark(request));
  assert.equal(commitments.hash('pin', '1234'), commitments.hash('pin', '1234'));
});

test('a start waits for others, gives up on what no repetition mends, and ends when the process does', async () => {
  const stopping = new AbortController();
  const waits: unknown[] = [];
  const parts = {
    pause: async () => {},
    report: (event: string) => void waits.push(event),
    signal: stopping.signal,
  };
  const faults = [new StrongroomError('audit-unavailable'), new StrongroomError('audit-unavailable')];
  await retryStart(
    'start',
    async () => {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
    },
    parts,
  );
  assert.deepEqual(waits, ['start-waits'], 'told once');
  const refuse = (fault: Error) => retryStart('start', () => Promise.reject(fault), parts);
  await assert.rejects(refuse(new StrongroomError('registry-rolled-back')), { code: 'registry-rolled-back' });
  await assert.rejects(refuse(new TypeError('a fault')), TypeError);
  stopping.abort();
  await assert.rejects(refuse(new StrongroomError('audit-unavailable')), { name: 'AbortError' });
});
