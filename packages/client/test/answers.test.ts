import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { encodeRefusal, frameBytesMax, sealedMediaType } from '@strongroom/sealed';
import fc from 'fast-check';
import { coded, deploy, read, write } from './deployment.ts';

test('a sealed refusal is the word of the worker', async (t) => {
  const { client, worker } = await deploy(t);
  worker.respond = () => ({ status: 'refused', error: { code: 'absent', detail: 'default/database' } });
  await assert.rejects(client.call('secret.read', read), (error) => {
    coded('absent')(error);
    assert.ok(isStrongroomError(error) && error.detail === 'default/database');
    return true;
  });
  worker.respond = () => ({ status: 'refused', error: { code: 'hsm-unavailable', retryAfterMs: 700 } });
  await assert.rejects(client.call('secret.read', read), (error) => {
    coded('hsm-unavailable')(error);
    assert.ok(isStrongroomError(error) && error.retryAfterMs === 700);
    return true;
  });
  worker.respond = () => ({ status: 'refused', error: { code: 'of-a-later-release' } });
  await assert.rejects(client.call('secret.read', read), coded('internal'));
});

test('the same refusal without a seal is not believed', async (t) => {
  const { client, gateway } = await deploy(t);
  gateway.alter = () => encodeRefusal(new StrongroomError('absent'));
  await assert.rejects(client.call('secret.read', read), coded('reply-invalid'));
});

test('an operation that waits for its quorum is no error', async (t) => {
  const { client, worker } = await deploy(t);
  const approval = {
    proposal: '01957cf0-0000-7000-8000-000000000001',
    opHash: 'A'.repeat(43),
    policy: 'quorum',
    missing: 2,
    pendingUntil: '2026-03-01T12:00:00.000Z',
  };
  worker.respond = () => ({ status: 'pending', approval, entry: 3 });
  const answer = await client.call('key.rotate', { group: 'default', name: 'kek' });
  assert.deepEqual(answer, { status: 'pending', approval, entry: 3 });
});

test('an answer without an entry of the log, or with another shape, is none', async (t) => {
  const { client, worker } = await deploy(t);
  const result = { ...read, kind: 'opaque', version: 1, value: 'aGVsbG8' };
  for (const outcome of [
    { status: 'done', result },
    { status: 'done', entry: 1, result: { ...result, version: 'one' } },
    { status: 'done', entry: 1, result: { ...result, more: 1 } },
    { status: 'done', entry: 1, result: 'text' },
  ] as const) {
    worker.respond = () => outcome;
    await assert.rejects(client.call('secret.read', read), coded('reply-invalid'));
  }
});

test('a problem of the gateway is a hint under its code', async (t) => {
  const { client, gateway } = await deploy(t);
  const answers = [
    { status: 503, code: 'overloaded', expected: 'overloaded' },
    { status: 429, code: 'rate-limited', expected: 'rate-limited' },
    { status: 504, code: 'deadline-exceeded', expected: 'deadline-exceeded' },
    { status: 404, code: 'absent', expected: 'reply-invalid' },
    { status: 400, code: 'ciphertext-invalid', expected: 'reply-invalid' },
  ] as const;
  for (const { status, code, expected } of answers) {
    gateway.intercept = (request, response) => {
      if (request.method === 'GET') return false;
      response.writeHead(status, {
        'content-type': 'application/problem+json; charset=utf-8',
        'retry-after': '2',
      });
      response.end(JSON.stringify({ code, detail: 'in flight\u001b[2J' }));
      return true;
    };
    await assert.rejects(client.call('secret.read', read), (error) => {
      coded(expected)(error);
      assert.ok(isStrongroomError(error));
      assert.equal(error.retryAfterMs, 2_000);
      assert.equal(error.detail, 'told by a carrier, not authenticated: in flight?[2J');
      return true;
    });
  }
});

test('a worker that fell silent is an HSM that does not answer to a read, and an unknown outcome to a change', async (t) => {
  const { client, gateway } = await deploy(t);
  gateway.intercept = (request, response) => {
    if (request.method === 'GET') return false;
    response.writeHead(504, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ code: 'worker-silent' }));
    return true;
  };
  await assert.rejects(client.call('secret.read', read), coded('hsm-unavailable'));
  await assert.rejects(client.call('secret.write', write), coded('outcome-unknown'));
});

test('an error page of something in between is not taken for more than it is', async (t) => {
  const { client, gateway } = await deploy(t);
  for (const [status, mediaType, body, expected] of [
    [502, 'text/html', '<h1>Bad Gateway</h1>', 'worker-unavailable'],
    [429, 'text/plain', 'slow down', 'worker-unavailable'],
    [404, 'text/html', '<h1>Not Found</h1>', 'reply-invalid'],
    [200, 'text/html', '<h1>Welcome</h1>', 'reply-invalid'],
    [200, sealedMediaType, '', 'reply-invalid'],
    [503, 'application/problem+json', 'not json', 'worker-unavailable'],
    [503, 'application/problem+json', 'null', 'worker-unavailable'],
    [503, 'application/problem+json', '{"code":7}', 'worker-unavailable'],
    [302, 'text/plain', '', 'reply-invalid'],
  ] as const) {
    gateway.intercept = (request, response) => {
      if (request.method === 'GET') return false;
      response.writeHead(status, { 'content-type': mediaType }).end(body);
      return true;
    };
    await assert.rejects(client.call('secret.read', read), coded(expected), `${status} ${body}`);
  }
});

test('an answer beyond the bound is cut off', async (t) => {
  const { client, gateway } = await deploy(t);
  gateway.alter = () => new Uint8Array(frameBytesMax + 1);
  await assert.rejects(client.call('secret.read', read), coded('reply-invalid'));
});

test('a changed or exchanged answer is refused, and the session goes on', async (t) => {
  const { client, gateway, worker } = await deploy(t);
  await client.call('secret.read', read);
  let earlier = new Uint8Array();
  gateway.alter = (answer) => {
    earlier = Uint8Array.from(answer);
    return answer;
  };
  await client.call('secret.read', read);
  gateway.alter = () => earlier;
  await assert.rejects(client.call('secret.read', read), coded('reply-invalid'));
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat({ max: 7 }), async (place, bit) => {
      gateway.alter = (answer) => {
        const index = place % answer.length;
        return answer.map((octet, at) => (at === index ? octet ^ (1 << bit) : octet));
      };
      await assert.rejects(client.call('secret.read', read), coded('reply-invalid'));
    }),
    { numRuns: 40 },
  );
  gateway.alter = (answer) => answer;
  await client.call('secret.read', read);
  assert.equal(worker.arrivals.filter(({ sealed }) => sealed === 'to-key').length, 1);
});

test('a session that nobody asked for is not taken', async (t) => {
  const { connect, worker } = await deploy(t);
  const session = { ticket: 'AAAA', expiresAt: '2026-03-01T12:00:00.000Z' };
  const { respond } = worker;
  worker.respond = async (message) => ({ ...(await respond(message)), session }) as never;
  await assert.rejects(connect({ useSession: false }).call('secret.read', read), coded('reply-invalid'));
});

test('parameters without a canonical form never leave', async (t) => {
  const { client, gateway } = await deploy(t);
  const lone = { ...write, value: '\ud800' };
  await assert.rejects(client.call('secret.write', lone), coded('request-invalid'));
  await assert.rejects(
    client.call('secret.write', { ...write, value: 'x'.repeat(2_000_000) }),
    coded('message-too-large'),
  );
  assert.equal(gateway.frames.length, 0);
});
