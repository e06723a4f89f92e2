/** The HTTPS front on a real Redis and a bus with the real framing; the worker behind it is played. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import {
  newRequestId,
  type OperationMessage,
  type ReplyMessage,
  type RoutingHeader,
  subjects,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import {
  BundleReader,
  bundleMediaType,
  decodeFrame,
  decodeRefusal,
  encodeBundle,
  frameKind,
  generateSealingKey,
  importSealingKey,
  openRequest,
  type SealingPrivateKey,
  sealedMediaType,
  sealRequest,
} from '@strongroom/sealed';
import { type MemoryBus, MemoryBusHub, startRedis, type TestRedis } from '@strongroom/testing';
import type { FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import { Agent, request } from 'undici';
import { makeCheckRate, makeRunInPlace } from '../../src/app/admit.ts';
import { makeRouteEnvelope } from '../../src/app/route-envelope.ts';
import { makeSealForCaller } from '../../src/app/seal-for-caller.ts';
import { InFlight } from '../../src/domain/in-flight.ts';
import { TokenBuckets } from '../../src/domain/token-buckets.ts';
import { makeHttpServer } from '../../src/inbound/http/server.ts';
import { makeWorkerBus } from '../../src/outbound/bus/worker-bus.ts';
import { makeRateCounter } from '../../src/outbound/redis/rate-counter.ts';

/** Low, so that a burst is over it on a slow machine, too. */
const perSecondMax = 40;
let redis: TestRedis;
let counter: Redis;
let server: FastifyInstance;
let agent: Agent;
let url: string;
let worker: MemoryBus;
let gatewayBus: MemoryBus;
let key: SealingPrivateKey;
let publicKey: Uint8Array;
let seen: OperationMessage[] = [];
let answer: (message: OperationMessage) => Promise<ReplyMessage>;
const place = mkdtempSync(join(tmpdir(), 'gateway-'));

before(async () => {
  const [certFile, keyFile] = [join(place, 'cert.pem'), join(place, 'key.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...[
        '-keyout',
        keyFile,
        '-out',
        certFile,
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
    ],
    { stdio: 'ignore' },
  );
  const pair = await generateSealingKey();
  publicKey = pair.publicKey;
  key = await importSealingKey(1, pair.privateKey, publicKey);
  redis = await startRedis();
  counter = new Redis(redis.url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 50,
    lazyConnect: true,
  });
  counter.on('error', () => undefined);
  await counter.connect();

  const hub = new MemoryBusHub();
  worker = await hub.join('crypto-worker');
  gatewayBus = await hub.join('gateway');
  for (const lane of ['crypto', 'manage'] as const) {
    await worker.respond(subjects.operation(lane, 'default'), {
      handler: async (bytes) => {
        const opened = await openRequest(decodeFrame(bytes), () => key);
        seen.push(opened.message);
        return opened.sealReply(await answer(opened.message));
      },
    });
  }
  const nowMs = Date.now;
  const inFlight = new InFlight({ crypto: 2, manage: 2 });
  const workers = makeWorkerBus(gatewayBus);
  const runInPlace = makeRunInPlace({ inFlight });
  const routeEnvelope = makeRouteEnvelope({ workers, runInPlace, pool: 'default', nowMs });
  const checkRate = makeCheckRate({
    inFlight,
    shared: makeRateCounter({ redis: counter, reportFailure: () => undefined, callersMax: 10 }),
    local: new TokenBuckets({ perSecond: perSecondMax, burst: perSecondMax, callersMax: 10 }),
    perSecondMax,
    nowMs,
  });
  const sealingKeys = { current: async () => ({ epoch: 1, keyId: 1, publicKey }), replace: () => undefined };
  server = makeHttpServer({
    tls: { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') },
    bodyBytesMax: 4_096,
    reportFault: () => undefined,
    sealed: { checkRate, routeEnvelope, workers, pool: 'default' },
    rest: {
      checkRate,
      sealForCaller: makeSealForCaller({
        sealingKeys,
        routeEnvelope,
        pool: 'default',
        tenant: 'default',
        nowMs,
      }),
    },
  });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
  agent = new Agent({ connect: { ca: readFileSync(certFile, 'utf8') } });
});

after(async () => {
  await agent.close();
  await server.close();
  await gatewayBus.close();
  await worker.close();
  counter.disconnect();
  await redis.stop();
  rmSync(place, { recursive: true });
});

beforeEach(() => {
  seen = [];
  answer = async ({ routing }) => ({
    requestId: routing.requestId,
    status: 'done',
    result: { fine: true },
    entry: 7,
  });
});

async function send(
  path: string,
  options: { method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: string | Uint8Array } = {},
) {
  const { method = 'POST', headers = {}, body } = options;
  const reply = await request(`${url}${path}`, {
    method,
    headers,
    dispatcher: agent,
    ...(body === undefined ? {} : { body: body as string }),
  });
  const bytes = Buffer.from(await reply.body.arrayBuffer());
  const json = () => JSON.parse(bytes.toString()) as Record<string, unknown>;
  return { status: reply.statusCode, headers: reply.headers, bytes, json };
}

const routing = (lane: RoutingHeader['class'] = 'crypto', lifetimeMs = 5_000): RoutingHeader => ({
  v: 1,
  pool: 'default',
  tenant: 'default',
  class: lane,
  requestId: newRequestId(),
  notAfter: new Date(Date.now() + lifetimeMs).toISOString(),
});

const sealedTo = (header: RoutingHeader) =>
  sealRequest({
    key: { epoch: 1, keyId: 1, publicKey },
    routing: header,
    message: { operation: 'kms.describe', params: {} },
  });

const sendBundle = (body: Uint8Array) =>
  send('/v1/sealed-bundle', { headers: { 'content-type': bundleMediaType }, body });

async function sendSealed(header: RoutingHeader) {
  const sealed = await sealedTo(header);
  return {
    sealed,
    reply: await send('/v1/sealed', { headers: { 'content-type': sealedMediaType }, body: sealed.frame }),
  };
}

const json = { 'content-type': 'application/json' };

test('an envelope goes through unopened and its answer comes back sealed', async () => {
  const { sealed, reply } = await sendSealed(routing());
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['content-type'], sealedMediaType);
  assert.deepEqual((await sealed.openReply(reply.bytes)).status, 'done');
});

test('REST makes the operation object of the catalogue, with the proof inside', async () => {
  const requestId = newRequestId();
  const headers = { ...json, authorization: 'Bearer sr_id_secret', 'strongroom-request-id': requestId };
  const reply = await send('/v1/keys/default/kms/rotate', { headers, body: '{}' });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['strongroom-log-entry'], '7');
  assert.equal(reply.headers['strongroom-request-id'], requestId);
  const [message] = seen;
  assert.deepEqual(message?.params, { group: 'default', name: 'kms' });
  assert.equal(message?.operation, 'key.rotate');
  assert.deepEqual(message?.proof, { kind: 'api-key', key: 'sr_id_secret' });
  assert.equal(message?.routing.requestId, requestId);
});

test('refusals become problem details with code and status, waiting becomes 202', async () => {
  answer = async ({ routing: { requestId } }) => ({
    requestId,
    status: 'refused',
    error: { code: 'key-suspended', detail: 'suspended' },
  });
  const refused = await send('/v1/keys/default/kms', { method: 'GET' });
  assert.equal(refused.status, 409);
  assert.equal(refused.headers['content-type'], 'application/problem+json');
  assert.deepEqual([refused.json()['code'], refused.json()['detail']], ['key-suspended', 'suspended']);
  const approval = {
    proposal: newRequestId(),
    opHash: 'A'.repeat(43),
    policy: 'p',
    missing: 2,
    pendingUntil: '2026-01-01T00:00:00.000Z',
  };
  answer = async ({ routing: { requestId } }) => ({ requestId, status: 'pending', approval });
  const pending = await send('/v1/keys/default/kms/rotate', { headers: json, body: '{}' });
  assert.deepEqual([pending.status, pending.json()], [202, approval]);
});

test('above the bound callers hear so at once, in one lane and not in the other', async () => {
  const release = Promise.withResolvers<void>();
  answer = async ({ routing: { requestId } }) => {
    await release.promise;
    return { requestId, status: 'done', result: {} };
  };
  const waiting = [sendSealed(routing()), sendSealed(routing())];
  while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const { reply } = await sendSealed(routing());
  assert.deepEqual(
    [reply.status, reply.json()['code'], reply.headers['retry-after']],
    [503, 'overloaded', '1'],
  );
  const managed = sendSealed(routing('manage'));
  while (seen.length < 3) await new Promise((resolve) => setImmediate(resolve));
  release.resolve();
  for (const one of [...waiting, managed]) assert.equal((await one).reply.status, 200);
});

test('late, far and foreign envelopes do not reach a worker', async () => {
  for (const header of [routing('crypto', -1), routing('crypto', 70_000), { ...routing(), pool: 'other' }]) {
    const { reply } = await sendSealed(header);
    assert.equal(reply.status, 400);
  }
  assert.deepEqual(seen, []);
});

test('no worker, a lost answer and unknown routes have codes of their own', async () => {
  answer = () => Promise.reject(new StrongroomError('hsm-unavailable'));
  assert.equal((await send('/v1/keys/default/kms', { method: 'GET' })).json()['code'], 'hsm-unavailable');
  answer = () => new Promise<never>(() => undefined);
  const { reply } = await sendSealed(routing('crypto', 300));
  assert.deepEqual(
    [reply.status, reply.json()['code'], reply.json()['outcome']],
    [504, 'deadline-exceeded', 'unknown'],
  );
  assert.equal((await send('/v1/nothing')).json()['code'], 'operation-unknown');
  assert.equal(
    (await send('/v1/keys/default/kms/rotate', { headers: json, body: '[1]' })).json()['code'],
    'request-invalid',
  );
  const twice = await send('/v1/keys/default/kms/rotate', { headers: json, body: '{"name":"other"}' });
  assert.deepEqual(
    [twice.json()['code'], twice.json()['detail']],
    ['request-invalid', 'name is in path and body'],
  );
  assert.equal(
    (await send('/v1/keys/default/kms/rotate', { headers: json, body: 'x'.repeat(5_000) })).json()['code'],
    'message-too-large',
  );
  assert.equal(
    (
      await send('/v1/keys/default/kms/rotate', { headers: { 'content-type': 'text/plain' }, body: 'x' })
    ).json()['code'],
    'media-type-unsupported',
  );
});

test('the envelopes of a bundle go through one by one, and each is answered in its place', async () => {
  const one = await sealedTo(routing());
  const other = await sealedTo(routing('manage'));
  const foreign = await sealedTo({ ...routing(), pool: 'other' });
  const frames = [one.frame, Uint8Array.of(1, 2, 3), foreign.frame, other.frame];
  const reply = await sendBundle(encodeBundle(frames));
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['content-type'], bundleMediaType);
  const answers = new Map(
    [...new BundleReader(65_536).read(reply.bytes)].map(({ number, frame }) => [number, frame]),
  );
  assert.equal(answers.size, 4);
  assert.equal((await one.openReply(answers.get(0) as Uint8Array)).status, 'done');
  assert.equal((await other.openReply(answers.get(3) as Uint8Array)).status, 'done');
  const refused = [1, 2].map((number) => decodeRefusal(decodeFrame(answers.get(number) as Uint8Array)).code);
  assert.deepEqual(refused, ['message-malformed', 'request-invalid']);
});

test('an answer of a bundle does not wait for the others', async () => {
  const release = Promise.withResolvers<void>();
  answer = async ({ routing: { requestId, class: lane } }) => {
    if (lane === 'manage') await release.promise;
    return { requestId, status: 'done', result: {} };
  };
  const [slow, quick] = [await sealedTo(routing('manage')), await sealedTo(routing())];
  const { body } = await request(`${url}/v1/sealed-bundle`, {
    method: 'POST',
    headers: { 'content-type': bundleMediaType },
    body: encodeBundle([slow.frame, quick.frame]),
    dispatcher: agent,
  });
  const reader = new BundleReader(65_536);
  const order: number[] = [];
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    for (const { number } of reader.read(piece)) order.push(number);
    if (order.length === 1) release.resolve();
  }
  assert.deepEqual(order, [1, 0]);
});

test('above the bound the envelopes of a bundle that have no place are refused, and the others are not', async () => {
  const release = Promise.withResolvers<void>();
  answer = async ({ routing: { requestId } }) => {
    await release.promise;
    return { requestId, status: 'done', result: {} };
  };
  const sealed = await Promise.all(Array.from({ length: 5 }, () => sealedTo(routing())));
  const waiting = sendBundle(encodeBundle(sealed.map(({ frame }) => frame)));
  while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
  release.resolve();
  const kinds = [...new BundleReader(65_536).read((await waiting).bytes)].map(
    ({ frame }) => decodeFrame(frame).kind,
  );
  assert.equal(kinds.filter((kind) => kind === frameKind.hpkeReply).length, 2);
  assert.equal(kinds.filter((kind) => kind === frameKind.refusal).length, 3);
});

test('a bundle that is none is refused whole', async () => {
  assert.equal((await sendBundle(Uint8Array.of(0, 1, 0, 0, 0, 0))).json()['code'], 'message-malformed');
  const plain = await send('/v1/sealed-bundle', { headers: json, body: '{}' });
  assert.equal(plain.json()['code'], 'media-type-unsupported');
  assert.deepEqual(seen, []);
});

test('gateways hear of each other what they counted, and a poisoned value is no answer', async () => {
  const options = { redis: counter, reportFailure: () => undefined, callersMax: 10 };
  const [one, other] = [makeRateCounter(options), makeRateCounter(options)];
  const nowMs = 1_000;
  const heard = async (expected: (count: number | undefined) => boolean) => {
    let count = other.count('shared', 1, nowMs);
    for (let own = 2; !expected(count); own += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      count = other.count('shared', 1, nowMs);
      assert.ok(own < 1_000, 'it is heard in time');
    }
  };
  assert.equal(one.count('shared', 5_000, nowMs), 5_000);
  await heard((count) => count !== undefined && count > 5_000);
  await counter.set('sr:rate:shared:1', 'poison');
  await heard((count) => count === undefined);
});

test('the rate holds over the shared counter, and over the local one when Redis is away', async () => {
  const burst = async () => {
    const codes = await Promise.all(
      Array.from({ length: perSecondMax + 60 }, () => send('/v1/sealing-keys', { method: 'GET' })),
    );
    return codes.filter(({ status }) => status === 429).length;
  };
  const limited = await burst();
  assert.ok(limited > 0, 'some are limited');
  const problem = await send('/v1/roles', { method: 'GET' });
  if (problem.status === 429) assert.equal(problem.headers['retry-after'], '1');
  await redis.kill();
  assert.ok((await burst()) > 0, 'the local limit applies');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal((await send('/v1/roles', { method: 'GET' })).status, 200, 'and lets callers through');
});
