import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from '@strongroom/contracts';
import { provisionerBusUser, serviceBusUser } from './bus-user.ts';
import { natsServerConfig } from './server-config.ts';

const key = (letter: string) => `U${letter.repeat(55)}`;
const users = services.map((service, index) => serviceBusUser(service, key('ABCD'[index] as string)));
const base = { host: '127.0.0.1', port: 4222, users };

test('permissions are allow-lists, every user has a key of its own, nobody is anonymous', () => {
  const text = natsServerConfig({ ...base, users: [...users, provisionerBusUser(key('E'))] });
  assert.ok(!/deny|no_auth_user|password|token|authorization|websocket|mqtt|leafnodes|\bhttp/.test(text));
  assert.equal(text.match(/nkey: U/g)?.length, services.length + 1);
  assert.equal(text.match(/publish: \{ allow: \[/g)?.length, services.length + 1);
  assert.equal(text.match(/subscribe: \{ allow: \[/g)?.length, services.length + 1);
  assert.ok(!text.includes('">"'));
  for (const service of services) assert.ok(text.includes(`"_INBOX_${service}.>"`));
  assert.equal(text.match(/allow_responses: \{ max: \d+, expires: "\d+s" \}/g)?.length, services.length);
});

test('JetStream always flushes; the monitoring port opens on the loopback interface, and only when asked for', () => {
  const jetStream = { directory: '/var/lib/nats', fileBytesMax: 1_000_000 };
  assert.match(natsServerConfig({ ...base, jetStream }), /sync_interval: always/);
  assert.match(natsServerConfig({ ...base, monitoringPort: 8222 }), /http: "127\.0\.0\.1:8222"/);
});

test('a user without a subject gets nothing, not everything', () => {
  const nobody = { name: 'nobody', publicKey: key('F'), publish: [], subscribe: [] };
  const text = natsServerConfig({ ...base, users: [nobody] });
  assert.equal(text.match(/allow: \["_NONE_nobody"\]/g)?.length, 2);
});

test('TLS is 1.3, with client certificates where a client CA is given', () => {
  const tls = { certFile: '/c.pem', keyFile: '/k.pem' };
  const text = natsServerConfig({ ...base, tls });
  assert.match(text, /min_version: "1\.3"/);
  assert.ok(!text.includes('verify'));
  assert.match(natsServerConfig({ ...base, tls: { ...tls, clientCaFile: '/ca.pem' } }), /verify: true/);
});

test('nothing that could end its line gets into the file', () => {
  const wrong = [
    { ...base, serverName: 'a"\nhttp: 8222' },
    { ...base, host: 'x\\' },
    { ...base, users: [{ name: 'a', publicKey: 'UAAA', publish: [], subscribe: [] }] },
    { ...base, users: [{ name: 'a\n}', publicKey: key('A'), publish: [], subscribe: [] }] },
    { ...base, users: [{ name: 'a', publicKey: key('A'), publish: ['a b'], subscribe: [] }] },
    { ...base, users: [{ name: 'a', publicKey: key('A'), publish: ['a.>.b'], subscribe: [] }] },
    { ...base, users: [{ name: 'a', publicKey: key('A'), publish: ['a..b'], subscribe: [] }] },
    { ...base, users: [users[0], users[0]] as typeof users },
  ];
  for (const options of wrong)
    assert.throws(() => natsServerConfig(options), TypeError, JSON.stringify(options));
});
