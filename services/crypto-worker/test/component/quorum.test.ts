import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanonical } from '@strongroom/canonical';
import { type Certificate, newRequestId, type Vote } from '@strongroom/contracts';
import { signVote } from '@strongroom/sealed';
import { policy } from '../../testing/deployment.ts';
import type { KeyHolder } from '../../testing/key-holder.ts';
import { TestCaller } from '../../testing/test-caller.ts';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const named = { group: 'default', name: 'kek' };

/** A KEK that two of three must agree to rotate, and a rotation that waits for them. */
async function waiting() {
  const scene = await WorkerScene.set();
  const { deployment, worker, alice } = scene;
  const { approvals, clock } = deployment;
  await scene.ask('key.create', { ...named, purpose: 'kek', policy });
  const requestId = newRequestId(clock.nowMs());
  const rotate = (operation: 'key.rotate' | 'key.suspend' = 'key.rotate') =>
    alice.call(worker, operation, named, { requestId });
  const answer = await rotate();
  assert.equal(answer.status, 'pending', JSON.stringify(answer));
  const [bob, carol, dave] = deployment.approvers as [KeyHolder, KeyHolder, KeyHolder];
  const sign = (holder: KeyHolder, change: Partial<Vote> = {}): Vote => {
    const { opHash = approvals.opHash(requestId), verdict = 'approve' } = change;
    const votedAt = change.votedAt ?? new Date(clock.nowMs()).toISOString();
    return signVote(holder, { opHash, verdict, comment: '', votedAt });
  };
  const execute = async (votes: readonly Vote[], change: Partial<Certificate> = {}) => {
    const bytes = approvals.executeRequest(requestId, { votes: [...votes], ...change });
    const reply = await worker.handle('approved', bytes);
    assert.ok(reply !== 'killed');
    return parseCanonical(reply) as { status: string; code?: string };
  };
  const version = async () => (await scene.ask('key.describe', named)).currentVersion;
  return {
    ...scene,
    ask: scene.ask.bind(scene),
    alice,
    worker,
    deployment,
    requestId,
    rotate,
    sign,
    execute,
    version,
    bob,
    carol,
    dave,
  };
}

test('two of three agree and the operation runs, once', async () => {
  const { sign, execute, version, rotate, bob, carol, deployment, requestId } = await waiting();
  assert.equal(await version(), 1);
  const votes = [sign(bob), sign(carol)];
  assert.deepEqual(await execute(votes), { status: 'done' });
  assert.equal(await version(), 2);
  assert.deepEqual(await execute(votes), { status: 'done' });
  assert.equal(await version(), 2);
  assert.equal(
    done<'key.rotate'>(await rotate()).currentVersion,
    2,
    'the requester asks again and gets the result',
  );
  const phases = deployment.auditLog.entries.filter((entry) => entry.requestId === requestId);
  assert.deepEqual(
    phases.map(({ phase, outcome }) => [phase, outcome]),
    [
      ['proposal', 'pending'],
      ['intent', 'intended'],
      ['outcome', 'done'],
    ],
  );
  assert.deepEqual(phases.at(-1)?.approvers, ['user:bob', 'user:carol']);
  assert.equal(phases.at(-1)?.actor.id, 'user:alice');
});

test('the same request again is the same proposal', async () => {
  const { rotate, deployment } = await waiting();
  const again = await rotate();
  assert.equal(again.status, 'pending');
  assert.equal(deployment.approvals.kept.size, 1);
  assert.equal(
    codeOf(await rotate('key.suspend')),
    'request-replayed',
    'another operation under the same id',
  );
});

test('evidence that is not exactly enough is refused, and the proposal can still be approved', async () => {
  const { sign, execute, version, bob, carol, dave, deployment } = await waiting();
  const good = [sign(bob), sign(carol)];
  const [one] = good as [Vote, Vote];
  const other = { ...one, signature: sign(carol).signature };
  const later = new Date(deployment.clock.nowMs() + 31_000).toISOString();
  const refusals: readonly [string, readonly Vote[]][] = [
    ['approval-invalid', []],
    ['approval-invalid', [one]],
    ['approval-invalid', [one, one]],
    ['approval-invalid', [one, other]],
    ['approval-invalid', [one, { ...sign(carol), comment: 'edited' }]],
    ['approval-invalid', [one, { ...sign(carol), verdict: 'deny' }]],
    ['approval-invalid', [one, { ...sign(dave), approver: 'user:carol' }]],
    ['approval-invalid', [one, signVote(deployment.auditService, { ...sign(bob) })]],
    ['approver-is-requester', [one, signVote(deployment.alice, { ...sign(bob) })]],
    ['approval-invalid', [one, sign(carol, { votedAt: later })]],
    ['approval-invalid', [one, sign(carol, { opHash: 'A'.repeat(43) })]],
    ['approval-denied', [one, sign(carol), sign(dave, { verdict: 'deny' })]],
  ];
  for (const [code, votes] of refusals)
    assert.deepEqual(
      await execute(votes),
      { status: 'refused', code },
      JSON.stringify(votes.map((v) => v.approver)),
    );
  assert.equal(await version(), 1);
  assert.deepEqual(await execute(good), { status: 'done' });
});

test('votes do not fit another proposal, nor an intent that no worker made', async () => {
  const { alice, worker, execute, sign, bob, carol, deployment, requestId, version } = await waiting();
  const votes = [sign(bob), sign(carol)];
  const second = newRequestId();
  await alice.call(worker, 'key.rotate', named, { requestId: second });
  const request = (id: string) => deployment.approvals.kept.get(id)?.request as Omit<Certificate, 'votes'>;
  const [first, next] = [request(requestId), request(second)];
  const changes: readonly Partial<Certificate>[] = [
    { intent: next.intent, intentMac: next.intentMac, operation: next.operation },
    { intent: next.intent },
    { operation: next.operation },
    { intentMac: next.intentMac },
    { intent: `${first.intent.slice(0, -4)}AAAA` },
    { operation: `${first.operation.slice(0, -4)}AAAA` },
    { operation: 'AAAA' },
  ];
  for (const change of changes)
    assert.deepEqual(await execute(votes, change), { status: 'refused', code: 'approval-invalid' });
  assert.equal(await version(), 1);
});

test('an object that changed is not the one that was approved', async () => {
  const { alice, worker, execute, sign, bob, carol, requestId, deployment } = await waiting();
  const votes = [sign(bob), sign(carol)];
  const second = newRequestId();
  await alice.call(worker, 'key.suspend', named, { requestId: second });
  const opHash = deployment.approvals.opHash(second);
  const others = [sign(bob, { opHash }), sign(carol, { opHash })];
  const bytes = deployment.approvals.executeRequest(second, { votes: others });
  assert.deepEqual(parseCanonical((await worker.handle('approved', bytes)) as Uint8Array), {
    status: 'done',
  });
  assert.deepEqual(await execute(votes), { status: 'refused', code: 'subject-changed' });
  assert.ok(requestId);
});

test('an approval has two clocks', async () => {
  const late = await waiting();
  late.deployment.clock.advance(86_400_000 + 1);
  const votes = [late.sign(late.bob), late.sign(late.carol)];
  assert.deepEqual(await late.execute(votes), { status: 'refused', code: 'approval-expired' });
  const unused = await waiting();
  const early = [unused.sign(unused.bob), unused.sign(unused.carol)];
  unused.deployment.clock.advance(3_600_000 + 1);
  assert.deepEqual(await unused.execute(early), { status: 'refused', code: 'approval-expired' });
  unused.deployment.clock.advance(-2);
  assert.deepEqual(await unused.execute(early), { status: 'done' });
});

test('a requester who lost the right meanwhile is denied at execution', async () => {
  const { ask, execute, sign, bob, carol, version } = await waiting();
  const votes = [sign(bob), sign(carol)];
  await ask('binding.create', {
    name: 'no-rotation',
    principal: 'user:alice',
    role: 'operator',
    scope: { kind: 'group', group: 'default' },
    effect: 'deny',
  });
  assert.deepEqual(await execute(votes), { status: 'refused', code: 'denied' });
  assert.equal(await version().catch(() => 'denied'), 'denied');
});

test('a governance record that is not the pinned one allows nothing', async () => {
  const { deployment, execute, sign, bob, carol, alice, worker } = await waiting();
  const votes = [sign(bob), sign(carol)];
  const { registry, signed } = deployment;
  const record = await registry.read('governance', 'root');
  const root = { ...signed.root, version: 2 };
  const change = {
    kind: 'governance',
    id: 'root',
    expectedVersion: record?.version ?? 0,
    value: { ...signed, root },
  } as const;
  await registry.commit(
    [change],
    { actor: 'x', requestId: 'y', requestHash: 'z', reply: new Uint8Array() },
    [],
  );
  assert.deepEqual(await execute(votes), { status: 'refused', code: 'governance-tampered' });
  assert.equal(codeOf(await alice.call(worker, 'key.rotate', named)), 'governance-tampered');
});

test('an approver hands in their own vote and no other', async () => {
  const { worker, sign, bob, carol, requestId, deployment } = await waiting();
  const asBob = new TestCaller(bob);
  const hand = async (vote: Vote) =>
    codeOf(await asBob.call(worker, 'proposal.vote', { proposal: requestId, vote }));
  assert.equal(await hand(sign(carol)), 'denied');
  assert.equal(await hand({ ...sign(bob), comment: 'edited' }), 'approval-invalid');
  assert.equal(await hand(sign(bob)), 'done');
  assert.equal(deployment.approvals.kept.get(requestId)?.votes.length, 1);
  const shown = done<'proposal.show'>(await asBob.call(worker, 'proposal.show', { proposal: requestId }));
  assert.deepEqual([shown.id, shown.missing], [requestId, 1]);
});

test('without the approvals service a guarded operation waits outside, and what it lost is found again', async () => {
  const { alice, worker, deployment, version } = await waiting();
  const requestId = newRequestId();
  deployment.approvals.outage = 'reply-lost';
  const rotate = () => alice.call(worker, 'key.rotate', named, { requestId });
  assert.equal(codeOf(await rotate()), 'approvals-unavailable');
  deployment.approvals.outage = undefined;
  assert.equal((await rotate()).status, 'pending');
  assert.equal(await version(), 1);
});

test('what approvals keeps tells nothing but the intent', async () => {
  const { deployment, requestId } = await waiting();
  const operation = deployment.approvals.kept.get(requestId)?.request.operation;
  assert.ok(operation);
  assert.ok(!Buffer.from(operation, 'base64url').includes('user:alice'));
});

test('bytes that are no certificate are refused and logged', async () => {
  const { worker, deployment } = await waiting();
  for (const bytes of [
    new Uint8Array(),
    Buffer.from('{}'),
    Buffer.from('{"proposal":1}'),
    Buffer.from([0xff]),
  ]) {
    const before = deployment.auditLog.entries.length;
    const reply = parseCanonical((await worker.handle('approved', bytes)) as Uint8Array) as {
      status: string;
    };
    assert.equal(reply.status, 'refused');
    assert.equal(deployment.auditLog.entries.length, before + 1);
  }
});

test('an exportable key waits for the quorum of the policy that it is to have', async () => {
  const { alice, worker } = await waiting();
  const params = { group: 'default', name: 'leaves', purpose: 'data', policy } as const;
  assert.equal(codeOf(await alice.call(worker, 'key.create-exportable', params)), 'pending');
});

test('what exists is not made again, and nobody is asked to approve that', async () => {
  const { alice, worker, requestId, ask } = await waiting();
  const again = await alice.call(worker, 'key.create', { ...named, purpose: 'kek', policy });
  assert.equal(codeOf(again), 'already-exists');
  const { proposals } = await ask('proposal.list', { limit: 9 });
  assert.deepEqual(
    proposals.map(({ id }) => id),
    [requestId],
  );
});
