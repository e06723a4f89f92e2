/** Domain events on a real JetStream. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { type DomainEvent, eventStream, newRequestId, type ServiceName } from '@strongroom/contracts';
import { startNats, type TestNats } from '@strongroom/testing';
import { type Bus, type BusObserver, connectBus, provisioner } from '../../src/index.ts';

const durable = 'gateway-news';
const everything = { name: 'observer', publish: ['>'], subscribe: ['>'] };
let nats: TestNats;
const open: Bus[] = [];

before(async () => {
  nats = await startNats({ users: [everything], consumers: { gateway: [durable] } });
  const provisioning = await join(provisioner);
  // It corrects what is there, and changes nothing where nothing differs.
  await provisioning.ensureStream({ bytesMax: 1_000_000, consumers: { [durable]: ['key.>'] } });
  const options = { bytesMax: 2_000_000, consumers: { [durable]: ['proposal.>', 'key.state.changed'] } };
  await provisioning.ensureStream(options);
  await provisioning.ensureStream(options);
});
after(() => nats.stop());
afterEach(() => Promise.all(open.splice(0).map((bus) => bus.close())));

async function join(service: ServiceName | typeof provisioner, observer: BusObserver = {}): Promise<Bus> {
  const bus = await connectBus({ url: nats.url, service, seed: nats.seedOf(service), observer });
  open.push(bus);
  return bus;
}

const event = (name: DomainEvent['name'] = 'proposal.quorum.opened'): DomainEvent => ({
  id: newRequestId(),
  name,
  at: '2030-01-01T00:00:00.000Z',
  object: 'proposal/x',
});

/** What is on the stream, read with every right. */
async function inspect() {
  const seed = nats.seedOf('observer').use((text) => new TextEncoder().encode(text));
  const connection = await connect({ servers: nats.url, authenticator: nkeyAuthenticator(seed) });
  const manager = await jetstreamManager(connection);
  return { connection, manager, info: await manager.streams.info(eventStream) };
}

test('the stream is on disk, bounded, and can be neither shortened nor overwritten', async () => {
  const { connection, manager, info } = await inspect();
  const { config } = info;
  assert.equal(config.storage, 'file');
  assert.equal(config.discard, 'new');
  assert.ok(config.deny_delete && config.deny_purge && !config.allow_rollup_hdrs);
  assert.equal(config.max_bytes, 2_000_000);
  assert.ok(config.max_age > 0 && config.max_msg_size > 0);
  await assert.rejects(manager.streams.purge(eventStream), /purge/);
  await assert.rejects(manager.streams.deleteMessage(eventStream, 1), /delete/);
  await connection.close();
});

test('an event is stored once, however often it is published', async () => {
  const worker = await join('crypto-worker');
  const approvals = await join('approvals');
  const { connection, info } = await inspect();
  const one = event();
  await approvals.publishEvent(one);
  await approvals.publishEvent(one);
  await worker.publishEvent(event('key.version.created'));
  const again = await inspect();
  assert.equal(again.info.state.messages - info.state.messages, 2);
  await Promise.all([connection.close(), again.connection.close()]);
});

test('only publishers of events publish them, and only the provisioner touches the stream', async () => {
  const gateway = await join('gateway');
  const audit = await join('audit');
  for (const bus of [gateway, audit]) {
    await assert.rejects(bus.publishEvent(event()), { code: 'bus-unavailable' });
  }
  const worker = await join('crypto-worker');
  await assert.rejects(worker.ensureStream());
  await assert.rejects(worker.consumeEvents({ durable, handler: async () => undefined }));
});

test('what is not an event of the catalogue is not published', async () => {
  const worker = await join('crypto-worker');
  const strange = [
    { ...event(), name: 'made.up.name' },
    { ...event(), value: 'secret' },
    { ...event(), id: 'x' },
  ];
  for (const one of strange) await assert.rejects(worker.publishEvent(one as DomainEvent), TypeError);
});

test('a consumer gets its subjects in order, again after a failure, and goes on where it stopped', async () => {
  const approvals = await join('approvals');
  const gateway = await join('gateway');
  const seen: string[] = [];
  const reached = (count: number) => {
    const gate = Promise.withResolvers<void>();
    const watch = () => (seen.length >= count ? gate.resolve() : setImmediate(watch));
    watch();
    return gate.promise;
  };
  const wanted = [event(), event('proposal.vote.recorded'), event('proposal.quorum.decided')];
  await approvals.publishEvent(wanted[0] as DomainEvent);
  const faults: unknown[] = [];
  const first = await gateway.consumeEvents({
    durable,
    handler: async ({ id }) => {
      if (id === wanted[0]?.id && faults.length === 0) throw new Error('not now');
      seen.push(id);
    },
    onFault: (fault) => faults.push(fault),
  });
  await approvals.publishEvent(wanted[1] as DomainEvent);
  while (!seen.includes(wanted[0]?.id as string) || !seen.includes(wanted[1]?.id as string))
    await reached(seen.length + 1);
  assert.equal(faults.length, 1);
  await first.stop();
  seen.length = 0;
  await approvals.publishEvent(wanted[2] as DomainEvent);
  await gateway.consumeEvents({ durable, handler: async ({ id }) => void seen.push(id) });
  await reached(1);
  assert.deepEqual(seen, [wanted[2]?.id]);
});

test('a message on the stream that is no event is dropped and counted, and the next one arrives', async () => {
  const { connection } = await inspect();
  const approvals = await join('approvals');
  const gateway = await join('gateway');
  for (const hostile of ['', '{}', 'null', '{"id":1}', '\u0000', '{"name":"proposal.quorum.opened"}']) {
    connection.publish('sr.v1.event.proposal.quorum.opened', hostile);
  }
  await connection.flush();
  const good = event();
  await approvals.publishEvent(good);
  const arrived = Promise.withResolvers<void>();
  await gateway.consumeEvents({
    durable,
    handler: async ({ id }) => {
      if (id === good.id) arrived.resolve();
    },
  });
  await arrived.promise;
  assert.equal(gateway.drops.get('event-malformed'), 6);
  await connection.close();
});

test('what was acknowledged is there after the server was killed', async () => {
  const worker = await join('crypto-worker');
  const before = await inspect();
  for (let count = 0; count < 20; count += 1) await worker.publishEvent(event('key.state.changed'));
  await before.connection.close();
  await worker.close();
  await nats.kill();
  await nats.start();
  const later = await inspect();
  assert.equal(later.info.state.messages, before.info.state.messages + 20);
  await later.connection.close();
});

test('without the server an event is not stored, and that is told', async () => {
  const gone = Promise.withResolvers<void>();
  const worker = await join('crypto-worker', {
    onState: (state) => {
      if (state === 'disconnected') gone.resolve();
    },
  });
  await nats.kill();
  await gone.promise;
  await assert.rejects(worker.publishEvent(event('key.state.changed')), { code: 'bus-unavailable' });
  await nats.start();
});
