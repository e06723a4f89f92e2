import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isErrorCode } from '@strongroom/errors';
import { sealedMediaType } from '@strongroom/sealed';
import { codeOf, startDeployment, wrap } from './kit/deployment.ts';
import { openRest, type RestRequest } from './kit/rest.ts';

const count = 1_000;

/** Each makes one malformed request; the number varies it. */
const makers: readonly ((at: number) => RestRequest)[] = [
  (at) => ({ path: '/v1/sealed', headers: { 'content-type': sealedMediaType }, body: randomBytes(at % 700) }),
  (at) => ({
    path: '/v1/sealed',
    headers: { 'content-type': sealedMediaType },
    body: Buffer.concat([Uint8Array.of(1, 1 + (at % 2), 0, 40), randomBytes(60)]),
  }),
  () => ({
    path: '/v1/sealed',
    headers: { 'content-type': sealedMediaType },
    body: Buffer.alloc(300 * 1_024),
  }),
  () => ({ path: '/v1/sealed', headers: { 'content-type': 'text/plain' }, body: 'x' }),
  () => ({ path: '/v1/sealed', headers: { 'content-type': `${sealedMediaType} ; x` }, body: 'x' }),
  () => ({ path: '/v1/kms/wrap', headers: { 'content-type': 'application/json' }, body: '{"a":' }),
  () => ({
    path: '/v1/kms/wrap',
    headers: { 'content-type': 'application/json' },
    body: '{"__proto__":{"x":1}}',
  }),
  () => ({
    path: '/v1/kms/wrap',
    headers: { 'content-type': 'application/json' },
    body: `${'['.repeat(5_000)}`,
  }),
  () => ({ path: '/v1/kms/wrap', body: { group: null, key: 1.5, provider: '\ud800' } }),
  () => ({ path: '/v1/kms/wrap', body: { plaintext: 'A'.repeat(200_000) } }),
  (at) => ({ method: 'GET', path: `/v1/keys/%2e%2e/${'a'.repeat(at % 300)}` }),
  () => ({ method: 'GET', path: '/v1/keys/default/kek/', headers: { authorization: 'Basic x' } }),
  () => ({
    method: 'GET',
    path: '/v1/keys/default/kek',
    headers: { authorization: `Bearer ${'x'.repeat(9_000)}` },
  }),
  () => ({
    method: 'GET',
    path: '/v1/keys/default/kek',
    headers: { authorization: 'Bearer a.b.c', 'strongroom-cluster': '../..' },
  }),
  () => ({ method: 'DELETE', path: '/v1/nothing' }),
  () => ({ method: 'GET', path: '//v1//keys' }),
];

test('a gateway given a thousand malformed requests refuses each with a code and keeps serving good ones', async (context) => {
  const { stack, app } = await startDeployment(context);
  const rest = await openRest(stack.info, context);
  const pidBefore = stack.info.processes['gateway'];
  const bad = (async () => {
    for (let at = 0; at < count; at += 1) {
      const answer = await rest((makers[at % makers.length] as (typeof makers)[0])(at));
      assert.ok(
        answer.status >= 400 || answer.body['text'] !== undefined,
        `${at % makers.length}: ${answer.status}`,
      );
      if (answer.status >= 400)
        assert.ok(isErrorCode(answer.body['code']), `${at % makers.length}: ${JSON.stringify(answer.body)}`);
      assert.notEqual(answer.status, 500, `${at % makers.length}: ${JSON.stringify(answer.body)}`);
    }
  })();
  const codes: string[] = [];
  let isOver = false;
  const good = (async () => {
    while (!isOver) codes.push(await codeOf(wrap(app)));
  })();
  await bad;
  isOver = true;
  await good;
  assert.ok(codes.length > 10);
  assert.deepEqual(new Set(codes), new Set(['done']));
  assert.equal(stack.info.processes['gateway'], pidBefore);
});
