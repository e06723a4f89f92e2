import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecretBytes } from '@strongroom/secret';
import { SessionKeeper } from './session.ts';

const startMs = Date.parse('2026-03-01T12:00:00.000Z');

function setup() {
  const clock = { ms: startMs };
  const keeper = new SessionKeeper(() => clock.ms);
  const adopt = (lifeMs: number) =>
    keeper.adopt(SecretBytes.copyOf(new Uint8Array(32)), {
      ticket: 'AAAA',
      expiresAt: new Date(clock.ms + lifeMs).toISOString(),
    });
  return { clock, keeper, adopt };
}

test('while one call opens a session the others wait, and learn when it is over', async () => {
  const { keeper } = setup();
  const { promise, resolve } = Promise.withResolvers<void>();
  assert.equal(keeper.plan().kind, 'open');
  const opening = keeper.whileOpening(() => promise);
  const plan = keeper.plan();
  assert.ok(plan.kind === 'wait');
  resolve();
  await Promise.all([opening, plan.opened]);
  assert.equal(keeper.plan().kind, 'open');
});

test('an opening that fails ends the wait', async () => {
  const { keeper } = setup();
  const { promise, reject } = Promise.withResolvers<void>();
  const opening = keeper.whileOpening(() => promise);
  const plan = keeper.plan();
  assert.ok(plan.kind === 'wait');
  reject(new Error('refused'));
  await assert.rejects(opening);
  await plan.opened;
});

test('a session is used, then renewed by one call, then not used any more', async () => {
  const { keeper, adopt, clock } = setup();
  adopt(600_000);
  const kindAt = (offsetMs: number) => {
    clock.ms = startMs + offsetMs;
    return keeper.plan().kind;
  };
  assert.equal(kindAt(0), 'session');
  assert.equal(kindAt(479_999), 'session');
  assert.equal(kindAt(480_000), 'open');
  const { promise, resolve } = Promise.withResolvers<void>();
  const renewing = keeper.whileOpening(() => promise);
  assert.equal(kindAt(480_000), 'session');
  assert.equal(kindAt(598_999), 'session');
  // A renewal that is slow does not stretch the old session: its ticket would be refused on arrival.
  assert.equal(kindAt(599_000), 'wait');
  resolve();
  await renewing;
  assert.equal(kindAt(599_000), 'open');
});

test('a short session is not eaten up by the margin', () => {
  const { keeper, adopt, clock } = setup();
  adopt(1_000);
  clock.ms = startMs + 700;
  assert.equal(keeper.plan().kind, 'session');
});

test('only the session that was refused is dropped', () => {
  const { keeper, adopt } = setup();
  adopt(600_000);
  const first = keeper.plan();
  assert.ok(first.kind === 'session');
  adopt(600_000);
  keeper.discard(first.session);
  const second = keeper.plan();
  assert.ok(second.kind === 'session' && second.session !== first.session);
  keeper.discard(second.session);
  assert.equal(keeper.plan().kind, 'open');
});
