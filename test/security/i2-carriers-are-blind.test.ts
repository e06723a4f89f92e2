import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { encodeBytes } from '@strongroom/canonical';
import type { ServiceProcess } from '@strongroom/stack';
import { Redis } from 'ioredis';
import pg from 'pg';
import { canaryForms, findCanary, findInFiles, findInMemory } from './kit/canary.ts';
import { codeOf, done, group, startDeployment } from './kit/deployment.ts';

const services: readonly ServiceProcess[] = [
  'audit',
  'crypto-worker-1',
  'crypto-worker-2',
  'approvals',
  'gateway',
];
const prefixes: Readonly<Record<string, string>> = {
  audit: 'STRONGROOM_AUDIT',
  approvals: 'STRONGROOM_APPROVALS',
  gateway: 'STRONGROOM_GATEWAY',
  'crypto-worker-1': 'STRONGROOM_CRYPTO_WORKER',
  'crypto-worker-2': 'STRONGROOM_CRYPTO_WORKER',
};
const wiretap = { name: 'wiretap', publish: ['_NONE_'], subscribe: ['>'] };

test('I2: no carrier holds a secret value, at rest, in transit, in logs or in memory', async (context) => {
  const canary = `CANARY-${randomBytes(18).toString('hex')}`;
  const forms = canaryForms(canary);
  const extraEnv = Object.fromEntries(
    services.map((name) => [name, { [`${prefixes[name]}_LOG_LEVEL`]: 'trace' }]),
  );
  const deployment = await startDeployment(context, { extraEnv, extraBusUsers: [wiretap] });
  const { stack, operator, app } = deployment;

  const seed = new TextEncoder().encode(
    (await readFile(stack.info.natsSeedFiles['wiretap'] ?? '', 'utf8')).trim(),
  );
  const tap = await connect({ servers: stack.info.natsUrl, authenticator: nkeyAuthenticator(seed) });
  const heard: Buffer[] = [];
  tap.subscribe('>', { callback: (_fault, message) => void heard.push(Buffer.from(message.data)) });
  await tap.flush();

  const value = encodeBytes(Buffer.from(canary));
  await done(operator, 'secret.write', { group, name: 'canary', kind: 'opaque', value });
  for (let read = 0; read < 20; read += 1) {
    assert.equal((await done(app, 'secret.read', { group, name: 'canary' })).value, value);
    const { ciphertext } = await done(app, 'crypto.encrypt', { group, key: 'data', plaintext: value });
    assert.equal((await done(app, 'crypto.decrypt', { group, key: 'data', ciphertext })).plaintext, value);
  }
  // The ways that end in an error carry the value too.
  assert.equal(
    await codeOf(done(app, 'secret.write', { group, name: 'canary', kind: 'opaque', value })),
    'denied',
  );
  assert.equal(
    await codeOf(done(app, 'crypto.encrypt', { group, key: 'nothing', plaintext: value })),
    'absent',
  );
  await tap.flush();

  await context.test('the bus, heard with full rights', () => {
    assert.ok(heard.length > 80, `the wiretap heard ${heard.length} messages`);
    assert.deepEqual(
      heard.flatMap((bytes) => findCanary(bytes, forms)),
      [],
    );
  });

  await context.test('every table of PostgreSQL', async () => {
    const database = new pg.Client({ connectionString: stack.info.postgresUrl });
    await database.connect();
    const { rows: tables } = await database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    let cells = 0;
    for (const { name } of tables) {
      const { rows } = await database.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
      for (const cell of rows.flatMap((row) => Object.values(row))) {
        cells += 1;
        const bytes = Buffer.isBuffer(cell) ? cell : Buffer.from(String(cell));
        assert.deepEqual(findCanary(bytes, forms), [], name);
      }
    }
    await database.end();
    assert.ok(cells > 500, `${cells} cells were looked at`);
  });

  await context.test('Redis, JetStream, all logs at trace level and every file of the stack', async () => {
    const redis = new Redis(stack.info.redisUrl);
    for (const key of await redis.keys('*')) {
      assert.deepEqual(
        findCanary(
          Buffer.concat([Buffer.from(key), (await redis.dumpBuffer(key)) ?? Buffer.alloc(0)]),
          forms,
        ),
        [],
        key,
      );
    }
    redis.disconnect();
    assert.deepEqual(await findInFiles(stack.info.home, forms), []);
  });

  await context.test('the memory of gateway, approvals and audit', async () => {
    for (const name of ['gateway', 'approvals', 'audit'] as const) {
      const { found, bytes } = await findInMemory(stack.info.processes[name] ?? 0, forms);
      assert.ok(bytes > 10_000_000, `${name}: ${bytes} bytes were looked at`);
      assert.deepEqual(found, [], name);
    }
  });
  await tap.close();
});
