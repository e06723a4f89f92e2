import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import { TestClock } from '../../testing/test-log.ts';
import { makeAdmitAppend } from './admit-append.ts';

const deployment = new TestDeployment();
const admit = makeAdmitAppend({
  identity: deployment.identity,
  clock: new TestClock(),
});
const refusedAs = (code: string, detail: RegExp) => (fault: unknown) =>
  isStrongroomError(fault) && fault.code === code && detail.test(fault.detail ?? '');

test('a message of a certified worker is admitted with what it signed', () => {
  const worker = deployment.worker();
  const bodies = [bodyOf(), bodyOf()];
  const message = admit(worker.sign(bodies));
  assert.deepEqual(message.worker, worker.statement);
  assert.deepEqual(
    message.bodies.map(({ body }) => body),
    bodies,
  );
});

test('a worker of another deployment is refused, and a statement of another kind', () => {
  const stranger = new TestDeployment().worker();
  assert.throws(() => admit(stranger.sign([bodyOf()])), refusedAs('proof-invalid', /worker statement/));
  const request = deployment.worker().sign([bodyOf()]);
  assert.throws(
    () => admit({ ...request, worker: deployment.logKey }),
    refusedAs('proof-invalid', /worker statement/),
  );
});

test('a changed, added, moved or removed body is refused', () => {
  const [one, two] = [bodyOf(), bodyOf()];
  const request = deployment.worker().sign([one, two]);
  for (const bodies of [[one], [two, one], [one, two, two], [one, { ...two, outcome: 'refused' as const }]]) {
    assert.throws(() => admit({ ...request, bodies }), refusedAs('proof-invalid', /append signature/));
  }
});

test('the signature of another worker is refused', () => {
  const bodies = [bodyOf()];
  const { signature } = deployment.worker().sign(bodies);
  const request = { ...deployment.worker().sign(bodies), signature };
  assert.throws(() => admit(request), refusedAs('proof-invalid', /append signature/));
});

test('a worker speaks for itself alone', () => {
  const request = deployment.worker('worker-2').sign([bodyOf(), bodyOf({ worker: 'worker-2' })]);
  assert.throws(
    () => admit(request),
    refusedAs('request-invalid', /^\/bodies\/0: the entry of another worker$/),
  );
});

test('a worker key is in force for its time, give or take a minute between clocks', () => {
  const ended = deployment.worker('worker-1', { notAfter: '2029-12-31T23:59:30.000Z' });
  admit(ended.sign([bodyOf()]));
  const over = deployment.worker('worker-1', { notAfter: '2029-12-31T23:58:00.000Z' });
  assert.throws(() => admit(over.sign([bodyOf()])), refusedAs('proof-expired', /worker statement/));
  const early = deployment.worker('worker-1', { notBefore: '2030-01-01T00:02:00.000Z' });
  assert.throws(() => admit(early.sign([bodyOf()])), refusedAs('proof-expired', /worker statement/));
});

test('a body that can not become an entry refuses its message before anything is written', () => {
  const request = deployment.worker().sign([bodyOf(), bodyOf({ request: { a: 'x'.repeat(65_000) } })]);
  assert.throws(() => admit(request), refusedAs('request-invalid', /^\/bodies\/1: larger than/));
});

test('what has no canonical form is refused, and the form in which it came does not matter', () => {
  const worker = deployment.worker();
  const request = worker.sign([bodyOf({ worker: 'worker-1' })]);
  const [body] = request.bodies;
  const turned = Object.fromEntries(Object.entries(body as object).toReversed());
  assert.equal(admit({ ...request, bodies: [turned as never] }).bodies.length, 1);
  const broken = { ...body, tenant: '\ud800' };
  assert.throws(
    () => admit({ ...request, bodies: [broken as never] }),
    refusedAs('message-malformed', /surrogate/),
  );
});
