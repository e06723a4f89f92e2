import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import { TestClock } from '../../testing/test-log.ts';
import { ed25519Check } from '../outbound/crypto/ed25519-check.ts';
import { makeAdmitAppend } from './admit-append.ts';

const deployment = new TestDeployment();
const admit = makeAdmitAppend({
  identity: deployment.identity,
  signatures: ed25519Check,
  clock: new TestClock(),
});
const refusedAs = (code: string, detail: RegExp) => (fault: unknown) =>
  isStrongroomError(fault) && fault.code === code && detail.test(fault.detail ?? '');

test('a message of a certified worker is admitted with what it signed', async () => {
  const worker = deployment.worker();
  const bodies = [bodyOf(), bodyOf()];
  const message = await admit(worker.sign(bodies));
  assert.deepEqual(message.worker, worker.statement);
  assert.deepEqual(
    message.bodies.map(({ body }) => body),
    bodies,
  );
});

test('a worker of another deployment is refused, and a statement of another kind', async () => {
  const stranger = new TestDeployment().worker();
  await assert.rejects(admit(stranger.sign([bodyOf()])), refusedAs('proof-invalid', /worker statement/));
  const request = deployment.worker().sign([bodyOf()]);
  await assert.rejects(
    admit({ ...request, worker: deployment.logKey }),
    refusedAs('proof-invalid', /worker statement/),
  );
});

test('a changed, added, moved or removed body is refused', async () => {
  const [one, two] = [bodyOf(), bodyOf()];
  const request = deployment.worker().sign([one, two]);
  for (const bodies of [[one], [two, one], [one, two, two], [one, { ...two, outcome: 'refused' as const }]]) {
    await assert.rejects(admit({ ...request, bodies }), refusedAs('proof-invalid', /append signature/));
  }
});

test('the signature of another worker is refused', async () => {
  const bodies = [bodyOf()];
  const { signature } = deployment.worker().sign(bodies);
  const request = { ...deployment.worker().sign(bodies), signature };
  await assert.rejects(admit(request), refusedAs('proof-invalid', /append signature/));
});

test('a worker speaks for itself alone', async () => {
  const request = deployment.worker('worker-2').sign([bodyOf(), bodyOf({ worker: 'worker-2' })]);
  await assert.rejects(
    admit(request),
    refusedAs('request-invalid', /^\/bodies\/0: the entry of another worker$/),
  );
});

test('a worker key is in force for its time, give or take a minute between clocks', async () => {
  const ended = deployment.worker('worker-1', { notAfter: '2029-12-31T23:59:30.000Z' });
  await admit(ended.sign([bodyOf()]));
  const over = deployment.worker('worker-1', { notAfter: '2029-12-31T23:58:00.000Z' });
  await assert.rejects(admit(over.sign([bodyOf()])), refusedAs('proof-expired', /worker statement/));
  const early = deployment.worker('worker-1', { notBefore: '2030-01-01T00:02:00.000Z' });
  await assert.rejects(admit(early.sign([bodyOf()])), refusedAs('proof-expired', /worker statement/));
});

test('a body that can not become an entry refuses its message before anything is written', async () => {
  const request = deployment.worker().sign([bodyOf(), bodyOf({ request: { a: 'x'.repeat(65_000) } })]);
  await assert.rejects(admit(request), refusedAs('request-invalid', /^\/bodies\/1: larger than/));
});
