/** What each credential may do is what the catalogue says, seen from the server: everything else is refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  connect,
  type NatsConnection,
  nkeyAuthenticator,
  PermissionViolationError,
} from '@nats-io/transport-node';
import {
  busEndpoints,
  busPermissions,
  eventNames,
  eventStream,
  inboxPrefix,
  services,
  subjects,
} from '@strongroom/contracts';
import { matchesSubject, startNats, type TestNats } from '@strongroom/testing';
import { connectBus, inboxOf } from '../../src/index.ts';
import { replyCountMax } from '../../src/limits.ts';

let nats: TestNats;
before(async () => {
  nats = await startNats();
});
after(() => nats.stop());

/** Everything that the server said until now was handled when this has resolved. */
async function settle(connection: NatsConnection): Promise<void> {
  await connection.flush();
  await new Promise((resolve) => setImmediate(resolve));
}

/** A client that does nothing but what it is told, with the credential of a service. */
async function signIn(user: string): Promise<{ connection: NatsConnection; refused: Set<string> }> {
  const seed = nats.seedOf(user).use((text) => new TextEncoder().encode(text));
  const connection = await connect({
    servers: nats.url,
    authenticator: nkeyAuthenticator(seed),
    inboxPrefix: `_INBOX_${user}`,
  });
  const refused = new Set<string>();
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error' && status.error instanceof PermissionViolationError) {
        refused.add(`${status.error.operation} ${status.error.subject}`);
      }
    }
  })();
  return { connection, refused };
}

const concrete = (subject: string) => subject.replace('*', 'default');
const clients = [...services, 'provisioner'] as const;
const operational = [
  ...busEndpoints.map(({ subject }) => concrete(subject)),
  ...eventNames.map(subjects.event),
  'sr.v1.event.made.up.name',
  'sr.v1.made-up.default',
  ...clients.map((client) => `${inboxOf(client)}.somebody.0`),
  '_INBOX.anybody.0',
  '$SYS.REQ.SERVER.PING',
  '$SYS.REQ.USER.INFO',
  '$JS.API.INFO',
  '$JS.API.STREAM.LIST',
  `$JS.API.STREAM.CREATE.${eventStream}`,
  `$JS.API.STREAM.DELETE.${eventStream}`,
  `$JS.API.STREAM.PURGE.${eventStream}`,
  `$JS.API.STREAM.MSG.DELETE.${eventStream}`,
  `$JS.API.STREAM.MSG.GET.${eventStream}`,
  `$JS.API.STREAM.RESTORE.${eventStream}`,
  `$JS.API.STREAM.SNAPSHOT.${eventStream}`,
  '$JS.API.STREAM.CREATE.OTHER',
  `$JS.API.DIRECT.GET.${eventStream}`,
  `$JS.API.CONSUMER.CREATE.${eventStream}.mine`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${eventStream}.mine`,
  `$JS.API.CONSUMER.DELETE.${eventStream}.mine`,
  `$JS.API.CONSUMER.MSG.NEXT.${eventStream}.mine`,
  `$JS.ACK.${eventStream}.mine.1.1.1.1.1`,
  '$KV.any.key',
];
const wildcards = [
  '>',
  'sr.>',
  'sr.v1.>',
  'sr.v1.*.default',
  'sr.v1.event.>',
  '_INBOX_gateway.>',
  '_INBOX_*.>',
  '$JS.>',
  '$SYS.>',
  '*',
  '*.>',
];

const mayPublish: Record<string, readonly string[]> = {
  ...Object.fromEntries(services.map((service) => [service, busPermissions(service).publish])),
  provisioner: [
    '$JS.API.INFO',
    `$JS.API.STREAM.CREATE.${eventStream}`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${eventStream}.mine`,
  ],
};

for (const user of clients) {
  test(`${user} publishes where the catalogue says, and nowhere else`, async () => {
    const { connection, refused } = await signIn(user);
    for (const subject of operational) connection.publish(subject, new Uint8Array());
    await settle(connection);
    const expected = operational.filter(
      (subject) =>
        !(mayPublish[user] as readonly string[]).some((allowed) => matchesSubject(allowed, subject)),
    );
    assert.deepEqual([...refused].sort(), expected.map((subject) => `publish ${subject}`).sort());
    await connection.close();
  });

  test(`${user} listens where the catalogue says, alone or in a queue, and nowhere else`, async () => {
    const { connection } = await signIn(user);
    const own = user === 'provisioner' ? [`${inboxOf(user)}.>`] : busPermissions(user).subscribe;
    const wanted = [...own.map(concrete), ...operational, ...wildcards];
    const covered = (subject: string) =>
      own.some(
        (allowed) => allowed === subject || (!/[*>]/.test(subject) && matchesSubject(allowed, subject)),
      ) || subject === `${inboxPrefix(user as 'gateway')}.>`;
    for (const subject of wanted) {
      for (const queue of [undefined, 'any', user]) {
        const subscription = connection.subscribe(subject, {
          callback: () => undefined,
          ...(queue === undefined ? {} : { queue }),
        });
        const refusal = await Promise.race([subscription.closed, connection.flush()]);
        assert.equal(refusal === undefined, covered(subject), `${user} ${subject} ${queue}`);
        if (refusal === undefined) subscription.unsubscribe();
        else assert.ok(refusal instanceof PermissionViolationError);
      }
    }
    await connection.close();
  });
}

test('a responder may answer who asked it, a bounded number of times, and nobody else', async () => {
  const gateway = await signIn('gateway');
  const worker = await signIn('crypto-worker');
  const subject = subjects.operation('crypto', 'default');
  const inbox = '_INBOX_gateway.me.0';
  let answers = 0;
  gateway.connection.subscribe(inbox, {
    callback: () => {
      answers += 1;
    },
  });
  const asked = Promise.withResolvers<void>();
  worker.connection.subscribe(subject, { callback: () => asked.resolve() });
  await Promise.all([gateway.connection.flush(), worker.connection.flush()]);
  worker.connection.publish(inbox, new Uint8Array());
  await settle(worker.connection);
  assert.deepEqual([...worker.refused], [`publish ${inbox}`]);
  worker.refused.clear();
  gateway.connection.publish(subject, new Uint8Array(), { reply: inbox });
  await asked.promise;
  for (let count = 0; count < replyCountMax; count += 1) worker.connection.publish(inbox, new Uint8Array());
  await settle(worker.connection);
  assert.equal(worker.refused.size, 0);
  worker.connection.publish(inbox, new Uint8Array());
  worker.connection.publish('_INBOX_gateway.me.1', new Uint8Array());
  await settle(worker.connection);
  assert.deepEqual([...worker.refused].sort(), [`publish ${inbox}`, 'publish _INBOX_gateway.me.1']);
  await settle(gateway.connection);
  assert.equal(answers, replyCountMax);
  await Promise.all([gateway.connection.close(), worker.connection.close()]);
});

test('nobody gets in without a credential', async () => {
  await assert.rejects(connect({ servers: nats.url, reconnect: false }));
  await assert.rejects(connect({ servers: nats.url, user: 'gateway', pass: '', reconnect: false }));
});

test('a service is told at once when the server refuses it a subject, and goes on', async () => {
  const refused: string[] = [];
  const gateway = await connectBus({
    url: nats.url,
    service: 'gateway',
    seed: nats.seedOf('gateway'),
    observer: { onRefused: (operation, subject) => refused.push(`${operation} ${subject}`) },
  });
  const started = performance.now();
  await assert.rejects(gateway.request(subjects.auditAppend, new Uint8Array(), { deadlineMs: 5_000 }), {
    code: 'bus-unavailable',
    detail: 'this service may not publish on sr.v1.audit.append',
  });
  await assert.rejects(gateway.respond(subjects.auditAppend, { handler: async (bytes) => bytes }), {
    code: 'bus-unavailable',
    detail: 'this service may not subscribe to sr.v1.audit.append',
  });
  assert.ok(performance.now() - started < 1_000);
  assert.deepEqual(refused, ['publish sr.v1.audit.append', 'subscription sr.v1.audit.append']);
  await assert.rejects(
    gateway.request(subjects.operation('crypto', 'default'), new Uint8Array(), { deadlineMs: 2_000 }),
    { code: 'worker-unavailable' },
  );
  await gateway.close();
});
