/** The outbox on a real PostgreSQL, with each step of publishing failed twice: not applied, and applied but not told. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type DomainEvent, newRequestId } from '@strongroom/contracts';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { type Kysely, sql } from 'kysely';
import {
  addToOutbox,
  migrate,
  OutboxPublisher,
  type OutboxPublisherOptions,
  type OutboxSchema,
  openDatabase,
  outboxMigration,
} from '../../src/index.ts';

let postgres: TestPostgres;
let database: Kysely<OutboxSchema>;
const running: OutboxPublisher<OutboxSchema>[] = [];

before(async () => {
  postgres = await startPostgres();
  await postgres.run('create schema box');
  database = openDatabase<OutboxSchema>({
    url: postgres.url,
    schema: 'box',
    applicationName: 'test',
    poolMax: 4,
    statementTimeoutMs: 5_000,
    onIdleFault: () => undefined,
  });
  await migrate(database, 'box', [outboxMigration]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((publisher) => publisher.stop()));
  await sql`truncate outbox`.execute(database);
});
after(async () => {
  await database.destroy();
  await postgres.stop();
});

const makeEvent = (): DomainEvent => ({
  id: newRequestId(),
  name: 'key.version.created',
  at: '2030-01-01T00:00:00.000Z',
  object: 'key/default/k',
  version: 1,
});

async function store(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, makeEvent);
  await database.transaction().execute((transaction) => addToOutbox(transaction, events));
  return events.map(({ id }) => id);
}

const waiting = async () => (await database.selectFrom('outbox').select('event').execute()).length;

/** A stream that drops repetitions by id, as JetStream does within its window. */
function makeStream() {
  const ids: string[] = [];
  let tries = 0;
  return {
    ids,
    get tries() {
      return tries;
    },
    publish: async ({ id }: DomainEvent) => {
      tries += 1;
      if (!ids.includes(id)) ids.push(id);
    },
  };
}

function makePublisher(options: Partial<OutboxPublisherOptions>) {
  const faults: unknown[] = [];
  const publisher = new OutboxPublisher(database, {
    publish: async () => undefined,
    reportFault: (fault) => faults.push(fault),
    pollMs: 10,
    ...options,
  });
  running.push(publisher);
  return { publisher, faults };
}

const until = async (isTrue: () => boolean | Promise<boolean>) => {
  while (!(await isTrue())) await new Promise((resolve) => setImmediate(resolve));
};

test('an event commits with its change or not at all', async () => {
  await assert.rejects(
    database.transaction().execute(async (transaction) => {
      await addToOutbox(transaction, [makeEvent()]);
      throw new Error('the change failed');
    }),
  );
  assert.equal(await waiting(), 0);
  await database.transaction().execute((transaction) => addToOutbox(transaction, []));
  assert.equal(await waiting(), 0);
});

test('events go out in their order, more than one round of them, and none is left', async () => {
  const stream = makeStream();
  const ids = await store(250);
  const { publisher } = makePublisher({ publish: stream.publish });
  publisher.start();
  await until(async () => (await waiting()) === 0);
  assert.deepEqual(stream.ids, ids);
  assert.equal(stream.tries, 250);
});

test('a wake brings an event out at once', async () => {
  const stream = makeStream();
  const { publisher } = makePublisher({ publish: stream.publish, pollMs: 60_000 });
  publisher.start();
  await publisher.publishRound();
  const ids = await store(1);
  await until(() => {
    publisher.wake();
    return stream.ids.length === 1;
  });
  assert.deepEqual(stream.ids, ids);
});

test('a crash between publishing and deleting publishes again, and the stream has each event once', async () => {
  const stream = makeStream();
  const ids = await store(5);
  // The process dies after the third event has reached the stream: nothing of this round is deleted.
  const dying = new Error('killed');
  const published: string[] = [];
  const crash = new OutboxPublisher(withoutDelete(database), {
    publish: async (event) => {
      await stream.publish(event);
      published.push(event.id);
      if (published.length === 3) throw dying;
    },
    reportFault: () => undefined,
  });
  await assert.rejects(crash.publishRound());
  assert.equal(await waiting(), 5);
  const { publisher } = makePublisher({ publish: stream.publish });
  assert.equal(await publisher.publishRound(), 5);
  assert.deepEqual(stream.ids, ids);
  assert.equal(stream.tries, 8);
  assert.equal(await waiting(), 0);
});

/** A database that takes no delete, as if the process were gone by then. */
function withoutDelete(real: Kysely<OutboxSchema>): Kysely<OutboxSchema> {
  return new Proxy(real, {
    get: (target, name) =>
      name === 'deleteFrom'
        ? () => {
            throw new Error('killed');
          }
        : (Reflect.get(target, name) as () => unknown).bind(target),
  });
}

test('the bus refuses in the middle: what went out is deleted, the rest waits and goes out later', async () => {
  const stream = makeStream();
  const ids = await store(6);
  let isAway = true;
  const { publisher, faults } = makePublisher({
    publish: async (event) => {
      if (isAway && event.id === ids[4]) throw new Error('bus away');
      await stream.publish(event);
    },
  });
  publisher.start();
  await until(() => faults.length > 0);
  assert.deepEqual(stream.ids, ids.slice(0, 4));
  isAway = false;
  await until(async () => (await waiting()) === 0);
  assert.deepEqual(stream.ids, ids);
  assert.equal(stream.tries, 6);
});

test('while the bus is away the publisher asks less and less often', async () => {
  await store(1);
  let tries = 0;
  const { publisher, faults } = makePublisher({
    publish: async () => {
      tries += 1;
      throw new Error('bus away');
    },
    pollMs: 20,
  });
  publisher.start();
  const started = performance.now();
  while (performance.now() - started < 500) {
    publisher.wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(tries >= 3 && tries <= 6, String(tries));
  assert.equal(faults.length, tries);
});

test('two publishers on one outbox lose nothing and tell nothing twice', async () => {
  const stream = makeStream();
  const ids = await store(150);
  const publishers = [0, 1].map(() => makePublisher({ publish: stream.publish }).publisher);
  for (const publisher of publishers) publisher.start();
  await until(async () => (await waiting()) === 0);
  assert.deepEqual([...stream.ids].sort(), [...ids].sort());
});

test('a row that is no event is reported, removed, and holds nothing up', async () => {
  const stream = makeStream();
  const before = await store(1);
  for (const hostile of ['', '{}', '{"id":"x"}', 'null', '[[[[']) {
    await sql`insert into outbox (event) values (${hostile})`.execute(database);
  }
  const behind = await store(1);
  const { publisher, faults } = makePublisher({ publish: stream.publish });
  await publisher.publishRound();
  assert.deepEqual(stream.ids, [...before, ...behind]);
  assert.deepEqual(
    faults.map((fault) => (fault as { code: string }).code),
    Array(5).fill('record-tampered'),
  );
  assert.equal(await waiting(), 0);
});

test('a stop waits for the event that is going out, and starts no other', async () => {
  await store(3);
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { publisher } = makePublisher({
    publish: async () => {
      entered.resolve();
      await gate.promise;
    },
  });
  publisher.start();
  await entered.promise;
  const stopped = publisher.stop();
  gate.resolve();
  await stopped;
  const left = await waiting();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await waiting(), left);
});

test('the database away: told, and resumed', async () => {
  const stream = makeStream();
  const ids = await store(2);
  await postgres.kill();
  const { publisher, faults } = makePublisher({ publish: stream.publish });
  publisher.start();
  await until(() => faults.length > 0);
  await postgres.start();
  await until(async () => (await waiting().catch(() => 1)) === 0);
  assert.deepEqual(stream.ids, ids);
});
