/** A guarded secret: what its quorum allows is done once, on the secret as the approvers saw it, and on nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes, parseCanonical } from '@strongroom/canonical';
import { newRequestId } from '@strongroom/contracts';
import { signVote } from '@strongroom/sealed';
import { policy } from '../../testing/deployment.ts';
import type { KeyHolder } from '../../testing/key-holder.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const named = { group: 'default', name: 'root-password' };

async function guarded() {
  const scene = await WorkerScene.set();
  const { approvals, clock } = scene.deployment;
  const write = (text: string) =>
    scene.ask('secret.write', { ...named, kind: 'password', value: encodeBytes(Buffer.from(text)) });
  await write('first');
  await scene.ask('secret.update', { ...named, policy });
  const propose = async (operation: 'secret.destroy' | 'secret.update', params: object) => {
    const requestId = newRequestId(clock.nowMs());
    const answer = await scene.alice.call(scene.worker, operation, { ...named, ...params } as never, {
      requestId,
    });
    assert.equal(codeOf(answer), 'pending');
    return requestId;
  };
  const execute = async (requestId: string) => {
    const votes = scene.deployment.approvers.slice(0, 2).map((holder: KeyHolder) =>
      signVote(holder, {
        opHash: approvals.opHash(requestId),
        verdict: 'approve',
        comment: '',
        votedAt: new Date(clock.nowMs()).toISOString(),
      }),
    );
    const reply = await scene.worker.handle('approved', approvals.executeRequest(requestId, { votes }));
    assert.ok(reply !== 'killed');
    return parseCanonical(reply) as { status: string; code?: string };
  };
  const read = async (version: number) =>
    codeOf(await scene.alice.call(scene.worker, 'secret.read', { ...named, version }));
  return { scene, write, propose, execute, read };
}

test('the quorum agrees, and the version is destroyed', async () => {
  const { propose, execute, read } = await guarded();
  const requestId = await propose('secret.destroy', { versions: [1] });
  assert.equal(await read(1), 'done');
  assert.deepEqual(await execute(requestId), { status: 'done' });
  assert.equal(await read(1), 'secret-destroyed');
  assert.deepEqual(await execute(requestId), { status: 'done' }, 'the same again is the same answer');
});

test('what was written meanwhile was not approved: the quorum has to look again', async () => {
  const { write, propose, execute, read } = await guarded();
  const requestId = await propose('secret.destroy', { versions: [1] });
  await write('second');
  assert.deepEqual(await execute(requestId), { status: 'refused', code: 'subject-changed' });
  assert.equal(await read(1), 'done');
});

test('the policy goes by its own quorum, and then guards nothing any more', async () => {
  const { scene, propose, execute, read } = await guarded();
  const requestId = await propose('secret.update', { clear: ['policy'] });
  assert.deepEqual(await execute(requestId), { status: 'done' });
  await scene.ask('secret.destroy', { ...named, versions: [1] });
  assert.equal(await read(1), 'secret-destroyed');
});
