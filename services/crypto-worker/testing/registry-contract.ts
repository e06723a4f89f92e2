/** What every registry promises, whatever it stands on. Attacks on the database are tested where there is one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DomainEvent } from '@strongroom/contracts';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';
import { FakeClock } from '@strongroom/testing';
import type { OpenIntent, RecordChange, Registry, StoredOutcome } from '../src/ports/registry.ts';

export interface RegistryUnderTest extends AsyncDisposable {
  readonly registry: Registry;
  /** Events that were handed over for publication, in order. */
  events(): Promise<readonly DomainEvent[]>;
}

export const hasCode = (code: ErrorCode) => (error: unknown) => {
  assert.ok(isStrongroomError(error) && error.code === code, `${code} expected, got ${error}`);
  return true;
};

export const binding = (id: string, expectedVersion: number, principal?: string): RecordChange => ({
  kind: 'binding',
  id,
  expectedVersion,
  value: principal === undefined ? undefined : { principal },
});

let requests = 0;

export function outcomeOf(requestId = `request-${++requests}`): StoredOutcome {
  return { actor: 'user:alice', requestId, requestHash: 'hash', reply: Buffer.from(`reply to ${requestId}`) };
}

export function commit(registry: Registry, ...changes: readonly RecordChange[]): Promise<void> {
  return registry.commit(changes, outcomeOf(), []);
}

const event: DomainEvent = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  name: 'binding.record.changed',
  at: '2030-01-01T00:00:00.000Z',
  object: 'binding/a',
};

const intent = (requestId: string, openedAt: string): OpenIntent => ({
  actor: 'user:alice',
  requestId,
  operation: 'key.create',
  requestHash: 'hash',
  worker: 'worker-1',
  openedAt,
  body: Buffer.from('{}'),
});

type Rule = (under: RegistryUnderTest & { readonly clock: FakeClock }) => Promise<void>;

const rules: Readonly<Record<string, Rule>> = {
  'a record that was not written is absent': async ({ registry }) => {
    assert.equal(await registry.read('binding', 'a'), undefined);
    assert.equal(registry.sequence(), 0);
  },

  'a commit is one step, and what it wrote is read back at version 1': async ({ registry }) => {
    await commit(registry, binding('a', 0, 'user:alice'), binding('b', 0, 'user:bob'));
    assert.equal(registry.sequence(), 1);
    assert.equal(registry.head().sequence, 1);
    const record = await registry.read('binding', 'a');
    assert.deepEqual(record, { kind: 'binding', id: 'a', version: 1, value: { principal: 'user:alice' } });
    assert.equal((await registry.read('binding', 'b'))?.version, 1);
    assert.equal(await registry.read('api-key', 'a'), undefined);
  },

  'what was read can not be changed by its reader': async ({ registry }) => {
    const role = { summary: 's', privileges: ['key.create'], state: 'enabled' as const };
    await commit(registry, { kind: 'role', id: 'r', expectedVersion: 0, value: role });
    const record = await registry.read('role', 'r');
    assert.ok(record);
    assert.throws(() => (record.value.privileges as string[]).push('key.destroy'), TypeError);
  },

  'a change names the version that it was decided on': async ({ registry }) => {
    await commit(registry, binding('a', 0, 'user:alice'));
    await commit(registry, binding('a', 1, 'user:bob'));
    for (const expected of [0, 1, 3])
      await assert.rejects(commit(registry, binding('a', expected, 'user:eve')), hasCode('version-conflict'));
    assert.equal((await registry.read('binding', 'a'))?.value.principal, 'user:bob');
  },

  'a commit that is refused leaves no record, no outcome and no event': async ({ registry, events }) => {
    const outcome = outcomeOf();
    const changes = [binding('a', 0, 'user:alice'), binding('b', 7, 'user:bob')];
    await assert.rejects(registry.commit(changes, outcome, [event]), hasCode('version-conflict'));
    assert.equal(await registry.read('binding', 'a'), undefined);
    assert.equal(await registry.findOutcome(outcome.actor, outcome.requestId), undefined);
    assert.deepEqual(await events(), []);
    assert.equal(registry.sequence(), 0);
  },

  'of commits that come together each is durable or refused by itself': async ({ registry, events }) => {
    const known = outcomeOf();
    await registry.commit([], known, []);
    const good = Array.from({ length: 40 }, (_, at) =>
      commit(registry, binding(`good-${at}`, 0, 'user:alice')),
    );
    const told = registry.commit([binding('told', 0, 'user:alice')], outcomeOf(), [event]);
    const conflicting = commit(registry, binding('other', 0, 'user:eve'), binding('good-0', 5, 'user:eve'));
    const replayed = registry.commit([binding('again', 0, 'user:eve')], known, []);
    const twin = outcomeOf();
    const twins = ['twin-1', 'twin-2'].map((id) => registry.commit([binding(id, 0, 'user:bob')], twin, []));
    await Promise.all([...good, told]);
    await assert.rejects(conflicting, hasCode('version-conflict'));
    await assert.rejects(replayed, hasCode('request-replayed'));
    const settled = await Promise.allSettled(twins);
    assert.deepEqual(settled.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const listed = await registry.list('binding', { prefix: '', limit: 100 });
    assert.equal(listed.filter(({ id }) => id.startsWith('good-')).length, 40);
    assert.equal(listed.filter(({ id }) => id.startsWith('twin-')).length, 1);
    assert.ok(listed.every(({ id }) => id !== 'other' && id !== 'again'));
    assert.deepEqual(await events(), [event]);
  },

  'one commit changes a record once': async ({ registry }) => {
    const twice = [binding('a', 0, 'user:alice'), binding('a', 0, 'user:bob')];
    await assert.rejects(commit(registry, ...twice), hasCode('version-conflict'));
  },

  'a removed record is absent, and made again goes on counting': async ({ registry }) => {
    await commit(registry, binding('a', 0, 'user:alice'));
    await commit(registry, binding('a', 1));
    assert.equal(await registry.read('binding', 'a'), undefined);
    await assert.rejects(commit(registry, binding('a', 2, 'user:eve')), hasCode('version-conflict'));
    await commit(registry, binding('a', 0, 'user:bob'));
    assert.equal((await registry.read('binding', 'a'))?.version, 3);
  },

  'removing what is absent is no change of it': async ({ registry }) => {
    await commit(registry, binding('a', 0));
    await commit(registry, binding('a', 0, 'user:alice'));
    assert.equal((await registry.read('binding', 'a'))?.version, 1);
  },

  'a list is in order, of one kind, with the prefix, after the last one, within the limit; a count agrees':
    async ({ registry }) => {
      const ids = ['b/2', 'b/10', 'a', 'B/1', 'b/1', 'bc', 'b'];
      await commit(registry, ...ids.map((id) => binding(id, 0, 'user:alice')));
      await commit(registry, {
        kind: 'api-key',
        id: 'b/0',
        expectedVersion: 0,
        value: { principal: 'app:x' },
      });
      await commit(registry, binding('b/2', 1));
      const list = async (page: { prefix: string; after?: string; limit: number }) =>
        (await registry.list('binding', page)).map(({ id }) => id);
      assert.deepEqual(await list({ prefix: '', limit: 10 }), ['B/1', 'a', 'b', 'b/1', 'b/10', 'bc']);
      assert.deepEqual(await list({ prefix: 'b/', limit: 10 }), ['b/1', 'b/10']);
      assert.deepEqual(await list({ prefix: 'b', limit: 2 }), ['b', 'b/1']);
      assert.deepEqual(await list({ prefix: 'b', after: 'b/1', limit: 2 }), ['b/10', 'bc']);
      assert.deepEqual(await list({ prefix: 'c', limit: 2 }), []);
      assert.deepEqual(
        await Promise.all(['b/1', 'b/2', 'c'].map((id) => registry.versionOf('binding', id))),
        [1, 0, 0],
      );
      const counts = await Promise.all(
        ['', 'b/', 'b', 'B/1', 'c'].map((prefix) => registry.count('binding', prefix)),
      );
      assert.deepEqual(counts, [6, 2, 4, 1, 0]);
      assert.equal(await registry.count('role', ''), 0);
    },

  'an outcome is found by who asked and the request id, for 24 h': async ({ registry, clock }) => {
    const outcome = outcomeOf();
    await registry.commit([], outcome, []);
    clock.advance(24 * 3_600_000 - 1);
    const found = await registry.findOutcome(outcome.actor, outcome.requestId);
    assert.deepEqual(found && { ...found, reply: Buffer.from(found.reply) }, outcome);
    assert.equal(await registry.findOutcome('user:bob', outcome.requestId), undefined);
    clock.advance(1);
    assert.equal(await registry.findOutcome(outcome.actor, outcome.requestId), undefined);
  },

  'a request has one outcome': async ({ registry, clock }) => {
    const outcome = outcomeOf();
    await registry.commit([], outcome, []);
    const again = registry.commit([binding('a', 0, 'user:alice')], outcome, [event]);
    await assert.rejects(again, hasCode('request-replayed'));
    assert.equal(await registry.read('binding', 'a'), undefined);
    clock.advance(24 * 3_600_000);
    await registry.commit([binding('a', 0, 'user:alice')], outcome, []);
    assert.ok(await registry.findOutcome(outcome.actor, outcome.requestId));
  },

  'events are handed over with the change': async ({ registry, events }) => {
    await registry.commit([binding('a', 0, 'user:alice')], outcomeOf(), [event]);
    assert.deepEqual(await events(), [event]);
  },

  'an intent is open once, and listed oldest first until it is closed': async ({ registry }) => {
    const [late, early] = [
      intent('r1', '2030-01-02T00:00:00.000Z'),
      intent('r2', '2030-01-01T00:00:00.000Z'),
    ];
    await registry.openIntent(late);
    await registry.openIntent(early);
    await assert.rejects(registry.openIntent({ ...late, worker: 'worker-2' }), hasCode('already-exists'));
    const listed = (await registry.listIntents()).map((each) => ({ ...each, body: Buffer.from(each.body) }));
    assert.deepEqual(listed, [early, late]);
    await registry.closeIntent(early.actor, early.requestId);
    await registry.closeIntent(early.actor, early.requestId);
    assert.deepEqual(
      (await registry.listIntents()).map(({ requestId }) => requestId),
      ['r1'],
    );
  },

  'of commits decided on the same version one wins, and no update is lost': async ({ registry }) => {
    await commit(registry, binding('a', 0, 'app:0'));
    const raise = async (): Promise<void> => {
      for (;;) {
        const record = await registry.read('binding', 'a');
        const count = Number(record?.value.principal.slice('app:'.length));
        try {
          return await commit(registry, binding('a', record?.version ?? 0, `app:${count + 1}`));
        } catch (error) {
          hasCode('version-conflict')(error);
        }
      }
    };
    await Promise.all(Array.from({ length: 12 }, raise));
    assert.equal((await registry.read('binding', 'a'))?.value.principal, 'app:12');
    assert.equal((await registry.read('binding', 'a'))?.version, 13);
  },
};

export function describeRegistry(
  title: string,
  open: (clock: FakeClock) => Promise<RegistryUnderTest>,
): void {
  describe(title, () => {
    for (const [rule, check] of Object.entries(rules)) {
      test(rule, async () => {
        const clock = new FakeClock();
        await using under = await open(clock);
        await check({ ...under, clock });
      });
    }
  });
}
