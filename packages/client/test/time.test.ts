import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { encodeRefusal, readRoutingHeader } from '@strongroom/sealed';
import { coded, countdown, deploy, read, write } from './deployment.ts';

const written = { status: 'done', entry: 8, result: { ...read, kind: 'opaque', version: 2 } } as const;

/** A deployment whose worker holds every answer until the test lets go. */
async function held(t: TestContext, change = {}) {
  const deployment = await deploy(t, change);
  const hold = Promise.withResolvers<void>();
  const { respond } = deployment.worker;
  const arrived: { done?: () => void } = {};
  deployment.worker.respond = async (message) => {
    arrived.done?.();
    await hold.promise;
    return respond(message);
  };
  t.after(() => hold.resolve());
  const arrival = (times: number) => {
    const { done, reached } = countdown(times);
    arrived.done = done;
    return reached;
  };
  return { ...deployment, letGo: () => hold.resolve(), arrival };
}

test('the worker is told the deadline of the caller', async (t) => {
  const { client, gateway, clock } = await deploy(t);
  await client.call('secret.read', read, { deadlineMs: 1_234 });
  await client.call('secret.read', read, { deadlineMs: 600_000 });
  await client.call('secret.read', read);
  const lifetimes = gateway.frames.map((frame) => Date.parse(readRoutingHeader(frame).notAfter) - clock.ms);
  assert.equal(lifetimes[0], 1_234);
  assert.ok((lifetimes[1] ?? 0) <= 60_000);
  assert.equal(lifetimes[1], lifetimes[2]);
});

test('a call ends at its deadline, and its place is free again', async (t) => {
  const { client, letGo } = await held(t, { pendingMax: 1 });
  const startedMs = performance.now();
  await assert.rejects(client.call('secret.read', read, { deadlineMs: 80 }), coded('deadline-exceeded'));
  assert.ok(performance.now() - startedMs < 2_000);
  letGo();
  await client.call('secret.read', read);
});

test('a caller may give up before, even before it begins', async (t) => {
  const { client, arrival, gateway } = await held(t);
  const controller = new AbortController();
  const reached = arrival(1);
  const call = client.call('secret.read', read, { signal: controller.signal });
  await reached;
  controller.abort();
  await assert.rejects(call, (error) => {
    coded('deadline-exceeded')(error);
    assert.ok(isStrongroomError(error) && error.detail === 'the caller gave up');
    return true;
  });
  const sent = gateway.frames.length;
  await assert.rejects(
    client.call('secret.read', read, { signal: AbortSignal.abort() }),
    coded('deadline-exceeded'),
  );
  assert.equal(gateway.frames.length, sent);
});

test('a repetition keeps the first deadline and does not go beyond it', async (t) => {
  const { client, gateway } = await deploy(t);
  gateway.intercept = (request, response) => {
    if (request.method === 'GET') return false;
    if (gateway.frames.length > 1) return true;
    const ended = encodeRefusal(new StrongroomError('session-ended'));
    response.writeHead(200, { 'content-type': 'application/vnd.strongroom.sealed' }).end(ended);
    return true;
  };
  const startedMs = performance.now();
  // Long enough that the repetition is reached on a busy machine, too.
  await assert.rejects(client.call('secret.read', read, { deadlineMs: 1_500 }), coded('deadline-exceeded'));
  assert.ok(performance.now() - startedMs < 2_500);
  const [first, second] = gateway.frames.map((frame) => readRoutingHeader(frame).notAfter);
  assert.ok(first !== undefined && first === second);
});

test('a mutation whose connection is lost is repeated once under its id, then its outcome is unknown', async (t) => {
  const { client, gateway, worker } = await deploy(t);
  worker.respond = () => written;
  await client.call('secret.write', write);
  gateway.frames.length = 0;
  gateway.intercept = (_request, response) => {
    response.destroy();
    return true;
  };
  await assert.rejects(client.call('secret.write', write), coded('outcome-unknown'));
  const ids = gateway.frames.map((frame) => readRoutingHeader(frame).requestId);
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
});

test('a read whose connection is lost is repeated once under a new id, then nobody answered', async (t) => {
  const { client, gateway } = await deploy(t);
  await client.call('secret.read', read);
  gateway.frames.length = 0;
  gateway.intercept = (_request, response) => {
    response.destroy();
    return true;
  };
  await assert.rejects(client.call('secret.read', read), coded('worker-unavailable'));
  const ids = gateway.frames.map((frame) => readRoutingHeader(frame).requestId);
  assert.equal(new Set(ids).size, 2);
});

test('one lost connection is not noticed by the caller', async (t) => {
  const { client, gateway, worker } = await deploy(t);
  let left = 2;
  gateway.intercept = (request, response) => {
    if (left === 0 || (request.method === 'GET' && left === 1)) return false;
    left -= 1;
    response.destroy();
    return true;
  };
  await client.call('secret.read', read);
  assert.equal(left, 0);
  assert.equal(worker.arrivals.length, 1);
});

test('a gateway that is not there is told at once', async (t) => {
  const { client, gateway, connect } = await deploy(t);
  await client.call('secret.read', read);
  await gateway.stop();
  for (const each of [client, connect()]) {
    await assert.rejects(each.call('secret.read', read), coded('worker-unavailable'));
  }
});

test('so many calls are under way and no more', async (t) => {
  const { client, letGo, arrival } = await held(t, { pendingMax: 3, useSession: false });
  const reached = arrival(3);
  const calls = Array.from({ length: 3 }, () => client.call('secret.read', read));
  await assert.rejects(client.call('secret.read', read), coded('overloaded'));
  await reached;
  letGo();
  await Promise.all(calls);
  await client.call('secret.read', read);
});

test('a closed client finishes what is under way and takes nothing new', async (t) => {
  const { client, letGo, arrival } = await held(t);
  const reached = arrival(1);
  const call = client.call('secret.read', read);
  await reached;
  const closed = client.close();
  await assert.rejects(client.call('secret.read', read), coded('stopping'));
  letGo();
  assert.equal((await call).status, 'done');
  await closed;
  await client.close();
});
