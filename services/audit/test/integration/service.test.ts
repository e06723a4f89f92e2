/** The whole service as `main` runs it, on a real bus and a real database; a test plays the crypto worker. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { type Bus, connectBus } from '@strongroom/bus';
import { type CanonicalValue, canonicalBytes, encodeBytes, parseCanonical } from '@strongroom/canonical';
import {
  type AppendReply,
  type AuditExportReply,
  type AuditQueryReply,
  type CertifyRequest,
  type EntryBody,
  subjects,
  type WitnessRequest,
} from '@strongroom/contracts';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';
import type { Service } from '@strongroom/lifecycle';
import { generateKeyFile, writeKeyFile } from '@strongroom/sealed';
import { SecretString } from '@strongroom/secret';
import {
  makeTemporaryDirectory,
  startNats,
  startPostgres,
  type TemporaryDirectory,
  type TestNats,
  type TestPostgres,
} from '@strongroom/testing';
import { compose } from '../../src/compose.ts';
import type { AuditConfig } from '../../src/config.ts';
import { createPostgresLog, durable } from '../../testing/postgres-log.ts';
import { bodyOf, origin, TestDeployment } from '../../testing/test-deployment.ts';

const deadlineMs = 3_000;

let postgres: TestPostgres;
let nats: TestNats;
let directory: TemporaryDirectory;
let bus: Bus;
let deployment: TestDeployment;
let serviceKeyFile: string;
let running: Service[] = [];

before(async () => {
  [postgres, nats, directory] = await Promise.all([
    startPostgres({ settings: durable }),
    startNats(),
    makeTemporaryDirectory('audit'),
  ]);
});
after(async () => {
  await Promise.all([postgres.stop(), nats.stop(), directory.remove()]);
});

beforeEach(async () => {
  await createPostgresLog(postgres);
  deployment = new TestDeployment();
  const key = generateKeyFile('app:audit');
  serviceKeyFile = join(directory.path, `${crypto.randomUUID()}.json`);
  await writeKeyFile(serviceKeyFile, key);
  deployment.serviceKey = { ...deployment.serviceKey, raw: Buffer.from(key.publicKey, 'base64url') };
  bus = await connectBus({ url: nats.url, service: 'crypto-worker', seed: nats.seedOf('crypto-worker') });
});
afterEach(async () => {
  for (const service of running) await service.stop();
  running = [];
  await bus.close();
});

const ask = async (subject: string, request: object, ownDeadlineMs = deadlineMs): Promise<unknown> =>
  parseCanonical(
    await bus.request(subject, canonicalBytes(request as CanonicalValue), { deadlineMs: ownDeadlineMs }),
    {
      bytesMax: 2 ** 22,
    },
  );

async function serveWitness(): Promise<void> {
  const witness = deployment.witness();
  witness.nowMs = Date.now;
  const answer = async (reply: Promise<object>) => canonicalBytes((await reply) as CanonicalValue);
  await bus.respond(subjects.witnessCertify, {
    handler: (bytes) =>
      answer(witness.certify(parseCanonical(bytes) as CertifyRequest).then((receiptKey) => ({ receiptKey }))),
  });
  await bus.respond(subjects.witnessCheckpoint, {
    handler: (bytes) => answer(witness.sign(parseCanonical(bytes) as unknown as WitnessRequest)),
  });
}

/** Started, and ready unless told otherwise. */
async function start(): Promise<Service> {
  const config: AuditConfig = {
    natsUrl: nats.url,
    natsSeedFile: nats.seedOf('audit'),
    databaseUrlFile: new SecretString(postgres.url),
    ...{ natsCaFile: undefined, natsCertFile: undefined, natsKeyFile: undefined },
    ...{ databaseCaFile: undefined, databaseCertFile: undefined, databaseKeyFile: undefined },
    identity: encodeBytes(deployment.identity),
    serviceKeyFile,
    origin,
    managementHost: '127.0.0.1',
    managementPort: 0,
    statusFile: undefined,
    logLevel: 'error',
    sinkDirectory: undefined,
    archiveDirectory: undefined,
    sinkCertFile: undefined,
    sinkKeyFile: undefined,
    ...{ witnessesFile: undefined, witnessesNeeded: 0 },
    ...{ tilesHost: '127.0.0.1', tilesPort: undefined, tilesEntries: false },
    otlpUrl: undefined,
  };
  const { service } = await compose(config);
  await service.start();
  running.push(service);
  return service;
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const isReady = (service: Service) => () => Object.keys(service.unready()).length === 0;
const hasCode = (code: ErrorCode) => (fault: unknown) => isStrongroomError(fault) && fault.code === code;

async function append(bodies: readonly EntryBody[]): Promise<ReadonlyMap<number, number>> {
  const worker = deployment.worker();
  return worker.verify(bodies, (await ask(subjects.auditAppend, worker.sign(bodies))) as AppendReply);
}

test('entries are appended, found and exported over the bus', async () => {
  await serveWitness();
  const service = await start();
  await until(isReady(service), 'the service is ready');
  const bodies = [bodyOf(), bodyOf()];
  assert.deepEqual([...(await append(bodies)).values()], [0, 1]);
  const found = (await ask(subjects.auditQuery, {
    filter: {},
    limit: 5,
    order: 'newest-first',
  })) as AuditQueryReply;
  assert.deepEqual([found.entries.map(({ index }) => index), found.complete, found.size], [[1, 0], true, 2]);
  const page = (await ask(subjects.auditExport, { filter: {}, limit: 5 })) as AuditExportReply;
  assert.deepEqual([page.entries.length, page.checkpointSize], [2, 2]);
});

test('bad bytes get a coded refusal, and good ones are still served', async () => {
  await serveWitness();
  await until(isReady(await start()), 'the service is ready');
  const send = (bytes: Uint8Array, subject: string = subjects.auditQuery) =>
    bus.request(subject, bytes, { deadlineMs });
  await assert.rejects(send(Buffer.from('{')), hasCode('message-malformed'));
  await assert.rejects(send(Buffer.from('{"b":1,"a":2}')), hasCode('message-malformed'));
  await assert.rejects(send(Buffer.from('{}')), hasCode('request-invalid'));
  await assert.rejects(
    send(Buffer.from('{"filter":{},"limit":0,"order":"newest-first"}')),
    hasCode('request-invalid'),
  );
  const stranger = new TestDeployment().worker().sign([bodyOf()]);
  await assert.rejects(ask(subjects.auditAppend, stranger), hasCode('proof-invalid'));
  assert.deepEqual([...(await append([bodyOf()])).values()], [0]);
});

test('without a witness the service is up, not ready, and takes no appends', async () => {
  const service = await start();
  assert.match(service.unready()['writer'] ?? '', /^opening: /);
  await assert.rejects(append([bodyOf()]), hasCode('worker-unavailable'));
  await serveWitness();
  await until(isReady(service), 'the service is ready');
});

test('a service that stops has answered what it took', async () => {
  await serveWitness();
  const service = await start();
  await until(isReady(service), 'the service is ready');
  await append([bodyOf()]);
  const sending = Array.from({ length: 50 }, () => append([bodyOf(), bodyOf()]));
  const settled = Promise.allSettled(sending);
  await sending[0];
  assert.equal(await service.stop(), true, 'it drained');
  const answers = await settled;
  const { rows } = await postgres.run('SELECT size FROM audit.writer');
  const taken = answers.filter(({ status }) => status === 'fulfilled').length;
  assert.ok(Number(rows[0].size) >= 1 + 2 * taken);
});
