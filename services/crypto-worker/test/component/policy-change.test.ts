/** Another policy for what a policy guards: who guards it now agrees, and who is to guard it. Neither can do it alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanonical } from '@strongroom/canonical';
import { newRequestId } from '@strongroom/contracts';
import { signVote } from '@strongroom/sealed';
import { policy as strong } from '../../testing/deployment.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const named = { group: 'default', name: 'guarded' };
const weak = 'dave-alone';
const operations = ['key.update', 'secret.update'] as const;
type Update = (typeof operations)[number];

async function guardedBy(policy: string, update: Update) {
  const scene = await WorkerScene.set([{ name: weak, threshold: 1, approvers: ['user:dave'] }]);
  const { approvals, clock, approvers } = scene.deployment;
  if (update === 'key.update') await scene.ask('key.create', { ...named, purpose: 'data', policy });
  else await scene.ask('secret.update', { ...named, kind: 'text', policy });
  const propose = async (params: object) => {
    const requestId = newRequestId(clock.nowMs());
    const answer = await scene.alice.call(scene.worker, update, { ...named, ...params } as never, {
      requestId,
    });
    return { requestId, answer };
  };
  const execute = async (requestId: string, ...names: string[]) => {
    const votes = approvers
      .filter(({ principal }) => names.includes(principal.slice('user:'.length)))
      .map((holder) =>
        signVote(holder, {
          opHash: approvals.opHash(requestId),
          verdict: 'approve',
          comment: '',
          votedAt: new Date(clock.nowMs()).toISOString(),
        }),
      );
    const reply = await scene.worker.handle('approved', approvals.executeRequest(requestId, { votes }));
    assert.ok(reply !== 'killed');
    const { status, code } = parseCanonical(reply) as { status: string; code?: string };
    return code ?? status;
  };
  const policyNow = async () => {
    const describe = update === 'key.update' ? 'key.describe' : 'secret.describe';
    return (await scene.ask(describe, named)).policy;
  };
  return { scene, propose, execute, policyNow };
}

for (const update of operations) {
  test(`${update}: a strong quorum does not hand over to a weak one that did not agree`, async () => {
    const { propose, execute, policyNow } = await guardedBy(strong, update);
    const { requestId } = await propose({ policy: weak });
    assert.equal(await execute(requestId, 'bob', 'carol'), 'approval-invalid');
    assert.equal(await policyNow(), strong);
    assert.equal(await execute(requestId, 'bob', 'dave'), 'done', 'one vote counts in both');
    assert.equal(await policyNow(), weak);
  });

  test(`${update}: who is to be the guard can not take it, and a weak guard can not name a strong one`, async () => {
    const attack = await guardedBy(strong, update);
    const taken = await attack.propose({ policy: weak });
    assert.equal(await attack.execute(taken.requestId, 'dave'), 'approval-invalid');
    assert.equal(await attack.policyNow(), strong);
    const other = await guardedBy(weak, update);
    const named = await other.propose({ policy: strong });
    assert.equal(await other.execute(named.requestId, 'dave'), 'approval-invalid');
    assert.equal(await other.policyNow(), weak);
    assert.equal(await other.execute(named.requestId, 'carol', 'dave'), 'done');
    assert.equal(await other.policyNow(), strong);
  });

  test(`${update}: approvers see both policies; whoever keeps the policy asks its quorum alone`, async () => {
    const { scene, propose, execute } = await guardedBy(strong, update);
    const { requestId, answer } = await propose({ policy: weak });
    assert.equal(answer.status, 'pending');
    const kept = scene.deployment.approvals.kept.get(requestId)?.request;
    const intent = parseCanonical(Buffer.from(kept?.intent ?? '', 'base64url')) as Record<
      string,
      { name: string }
    >;
    assert.deepEqual([intent['policy']?.name, intent['nextPolicy']?.name], [strong, weak]);
    assert.deepEqual(
      kept?.quorums.map(({ approvers, threshold }) => [approvers.length, threshold]),
      [
        [3, 2],
        [1, 1],
      ],
    );
    for (const params of [{ policy: strong }, { labels: { a: 'b' } }]) {
      const same = await propose(params);
      assert.equal(await execute(same.requestId, 'bob', 'carol'), 'done');
    }
  });

  test(`${update}: a policy that the root does not have is proposed to nobody`, async () => {
    const { scene, propose } = await guardedBy(strong, update);
    const { answer } = await propose({ policy: 'nobody' });
    assert.equal(codeOf(answer), 'approval-invalid');
    assert.equal(scene.deployment.approvals.kept.size, 0);
  });
}
