import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PoolMembership } from './pool-membership.ts';

test('a worker is in its pool while its token is there, and a drain that hangs does not keep it out', async () => {
  const log: string[] = [];
  let isAble = true;
  const membership = new PoolMembership({
    isAble: () => isAble,
    join: async () => {
      log.push('join');
      const drain = () => {
        log.push('leave');
        return new Promise<void>(() => undefined);
      };
      return [{ inFlight: 1, drain }];
    },
    onError: (error) => assert.fail(String(error)),
  });
  const look = async (able: boolean) => {
    isAble = able;
    await membership.look();
    return membership.isMember;
  };
  assert.deepEqual(
    [await look(true), await look(true), await look(false), await look(false), await look(true)],
    [true, true, false, false, true],
  );
  assert.deepEqual(log, ['join', 'leave', 'join']);
});

test('who could not join tries again', async () => {
  const outcomes = [() => Promise.reject(new Error('no bus')), async () => []];
  const membership = new PoolMembership({
    isAble: () => true,
    join: () => outcomes.shift()?.() ?? assert.fail('joined twice'),
    onError: (error) => assert.fail(String(error)),
  });
  await assert.rejects(membership.look());
  assert.equal(membership.isMember, false);
  await membership.look();
  assert.equal(membership.isMember, true);
});
