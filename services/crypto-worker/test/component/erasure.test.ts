/** A person is forgotten: what could be guessed from the log can not be any more, and the log is as it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanonical } from '@strongroom/canonical';
import { newRequestId, type OperationRequest } from '@strongroom/contracts';
import { signVote } from '@strongroom/sealed';
import { Commitments } from '../../src/app/commitments.ts';
import { deriveKey, keyPurpose } from '../../src/app/derived/derive-key.ts';
import { policy } from '../../testing/deployment.ts';
import { KeyHolder } from '../../testing/key-holder.ts';
import { TestCaller } from '../../testing/test-caller.ts';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const principal = 'user:erin';
const erase = { principal, policy, ground: 'GDPR 17 #4711' };
const metadata = { owner: 'erin, born 1984' };

async function set() {
  const scene = await WorkerScene.set();
  const { deployment, worker, alice } = scene;
  const { approvals, approvers, auditLog, clock, hsm, registry } = deployment;
  const holder = new KeyHolder(principal);
  const credential = { kind: 'key', publicKey: holder.publicKey } as const;
  await scene.ask('principal.enrol', { principal, credential });
  await scene.bind('erin-manages', principal, 'operator');
  const erin = new TestCaller(holder);
  const update = { group: 'default', name: 'database', kind: 'opaque', metadata } as const;
  done<'secret.update'>(await erin.call(worker, 'secret.update', update));
  const written = auditLog.entries.filter(({ operation }) => operation === 'secret.update');
  const commitments = new Commitments(await deriveKey(hsm, keyPurpose.commitment));
  /** Whether somebody with the key of the HSM and everything in the registry finds the value by trying. */
  const isGuessed = async (value: Record<string, string>) => {
    const salt = (await registry.read('principal', principal))?.value.commitmentSalt;
    return written.every(({ requestId, request }) =>
      [undefined, salt].some(
        (own) => request['metadata'] === commitments.commit(requestId, 'metadata', value, own),
      ),
    );
  };
  const guarded = async (params: OperationRequest<'principal.erase'>, votes: number) => {
    const requestId = newRequestId(clock.nowMs());
    const asked = codeOf(await alice.call(worker, 'principal.erase', params, { requestId }));
    if (asked !== 'pending') return asked;
    const votedAt = new Date(clock.nowMs()).toISOString();
    const opHash = approvals.opHash(requestId);
    const signed = approvers
      .slice(0, votes)
      .map((each) => signVote(each, { opHash, verdict: 'approve', comment: '', votedAt }));
    const reply = await worker.handle('approved', approvals.executeRequest(requestId, { votes: signed }));
    assert.ok(reply !== 'killed');
    const { status, code } = parseCanonical(reply) as { status: string; code?: string };
    return code ?? status;
  };
  return { scene, erin, written, isGuessed, guarded, registry, auditLog };
}

test('two of three forget a person: no value can be tried against the log any more, and no entry changes', async () => {
  const { scene, erin, written, isGuessed, guarded, registry, auditLog } = await set();
  assert.equal(written.length, 2, 'intent and outcome');
  assert.ok(await isGuessed(metadata));
  assert.ok(!(await isGuessed({ owner: 'frank' })));
  await scene.ask('principal.disable', { principal });
  const before = structuredClone(auditLog.entries);
  assert.equal(await guarded(erase, 1), 'approval-invalid');
  assert.ok(await isGuessed(metadata));
  assert.equal(await guarded(erase, 2), 'done');
  assert.ok(!(await isGuessed(metadata)));

  const { value } = (await registry.read('principal', principal)) ?? {};
  assert.deepEqual([value?.credential, value?.commitmentSalt], [{ kind: 'erased' }, undefined]);
  assert.deepEqual(auditLog.entries.slice(0, before.length), before);
  const redaction = auditLog.entries.at(-1);
  assert.deepEqual(
    [redaction?.operation, redaction?.objects[0]?.name, redaction?.request['ground'], redaction?.approvers],
    ['principal.erase', principal, JSON.stringify(erase.ground), ['user:bob', 'user:carol']],
  );
  assert.notEqual(codeOf(await erin.call(scene.worker, 'key.list', { group: 'default', limit: 1 })), 'done');
  assert.equal(
    codeOf(
      await scene.alice.call(scene.worker, 'principal.enrol', {
        principal,
        credential: { kind: 'key', publicKey: new KeyHolder(principal).publicKey },
      }),
    ),
    'already-exists',
    'the id is never given to another',
  );
});

test('who can still act is not forgotten, and nobody is without a policy that there is', async () => {
  const { scene, guarded } = await set();
  assert.equal(await guarded(erase, 2), 'request-invalid');
  await scene.ask('principal.disable', { principal });
  assert.equal(await guarded({ ...erase, policy: 'unknown' }, 2), 'request-invalid');
  assert.equal(await guarded({ ...erase, principal: 'user:nobody' }, 2), 'absent');
});

test('of a credential the log says the kind and not even a commitment', async () => {
  const { auditLog } = await set();
  const entries = auditLog.entries.filter(({ operation }) => operation === 'principal.enrol');
  assert.ok(entries.length > 0 && entries.every(({ request }) => request['credential'] === undefined));
  assert.equal(entries.at(-1)?.reply['credential'], '"key"');
});
