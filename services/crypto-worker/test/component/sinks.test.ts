/** Where the log streams to is changed under a quorum, and told to the audit service in a statement that can be checked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes, parseCanonical } from '@strongroom/canonical';
import {
  type AuditSinkPutRequest,
  checkers,
  newRequestId,
  type OperationName,
  type OperationRequest,
} from '@strongroom/contracts';
import { signVote, verifyStatement } from '@strongroom/sealed';
import { makePutSink } from '../../src/app/sink/put-sink.ts';
import { makeAnnounceSinks } from '../../src/app/witness/announce-sinks.ts';
import { hsmLabel } from '../../src/domain/hsm-label.ts';
import { ed25519Point } from '../../src/domain/platform-key.ts';
import { makeCertificates } from '../../testing/certificates.ts';
import { policy } from '../../testing/deployment.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const siem: AuditSinkPutRequest = {
  name: 'siem',
  target: { kind: 'syslog', host: 'siem.example', port: 6514, messageBytesMax: 8_192 },
  from: 0,
  policy,
};
const hook = { kind: 'webhook', url: 'https://hook.example/audit' } as const;

async function set() {
  const scene = await WorkerScene.set();
  const { deployment, worker, alice } = scene;
  const { approvals, approvers, clock, hsm, registry } = deployment;
  /** Asks, and has the first `votes` approvers agree; the code of how it ended. */
  const guarded = async <Name extends OperationName>(
    name: Name,
    params: OperationRequest<Name>,
    votes = 2,
  ): Promise<string> => {
    const requestId = newRequestId(clock.nowMs());
    const asked = codeOf(await alice.call(worker, name, params, { requestId }));
    if (asked !== 'pending') return asked;
    const votedAt = new Date(clock.nowMs()).toISOString();
    const opHash = approvals.opHash(requestId);
    const signed = approvers
      .slice(0, votes)
      .map((holder) => signVote(holder, { opHash, verdict: 'approve', comment: '', votedAt }));
    const bytes = approvals.executeRequest(requestId, { votes: signed });
    const reply = await worker.handle('approved', bytes);
    assert.ok(reply !== 'killed');
    const { status, code } = parseCanonical(reply) as { status: string; code?: string };
    return code ?? status;
  };
  const announce = makeAnnounceSinks({ origin: 'test', registry, hsm, clock });
  const sinks = async () => (await announce({ nonce: 'A'.repeat(43) })).statement.sinks;
  return { scene, guarded, announce, sinks, hsm };
}

test('a sink is made, changed and removed by two of three, and by nobody alone', async () => {
  const { scene, guarded, sinks } = await set();
  assert.equal(await guarded('audit.sink-put', siem, 1), 'approval-invalid');
  assert.deepEqual(await sinks(), []);
  assert.equal(await guarded('audit.sink-put', siem), 'done');
  const [made] = await sinks();
  assert.deepEqual(made, { id: made?.id, name: 'siem', from: 0, target: siem.target });

  const moved = { ...siem, target: { ...siem.target, host: 'evil.example' } } as AuditSinkPutRequest;
  assert.equal(await guarded('audit.sink-put', moved, 1), 'approval-invalid');
  assert.equal(await guarded('audit.sink-remove', { name: 'siem' }, 1), 'approval-invalid');
  assert.deepEqual(await sinks(), [made]);
  assert.equal(await guarded('audit.sink-put', { ...siem, target: hook }), 'done');
  assert.deepEqual(await sinks(), [{ ...made, target: hook }], 'its progress goes on under the same id');

  const { sinks: shown } = await scene.ask('audit.sink-list', {});
  const raw = Buffer.from(scene.deployment.auditService.holding.publicKey, 'base64url');
  assert.equal(shown[0]?.webhookKey, `whpk_${raw.toString('base64')}`);
  assert.equal(await guarded('audit.sink-remove', { name: 'siem' }), 'done');
  assert.deepEqual(await sinks(), []);
});

test('how long rows of the log stay is set by two of three, who can not be swapped, and goes out with the sinks', async () => {
  const { guarded, announce } = await set();
  const days = async () => (await announce({ nonce: 'A'.repeat(43) })).statement.retentionDays;
  const year = { log: 'main', days: 365, policy } as const;
  assert.equal(await guarded('audit.retention-set', year, 1), 'approval-invalid');
  assert.equal(await days(), undefined);
  assert.equal(await guarded('audit.retention-set', year), 'done');
  assert.equal(await days(), 365);
  assert.equal(await guarded('audit.retention-set', { ...year, days: 30 }, 1), 'approval-invalid');
  assert.notEqual(await guarded('audit.retention-set', { ...year, policy: 'other' }), 'done');
  assert.equal(await days(), 365);
  assert.equal(await guarded('audit.retention-set', { ...year, days: 30 }), 'done');
  assert.equal(await days(), 30);
});

test('the people who agreed to a sink can not be swapped for others, nor its begin moved', async () => {
  const { guarded, scene } = await set();
  assert.equal(await guarded('audit.sink-put', { ...siem, policy: 'unknown' }), 'request-invalid');
  assert.equal(await guarded('audit.sink-put', siem), 'done');
  const { registry, signed } = scene.deployment;
  const policies = ['two-of-three', 'other'].map((name) => ({ ...signed.root.policies[0], name }));
  const governance = { root: async () => ({ ...signed.root, policies }) as typeof signed.root };
  const { permit } = makePutSink({ registry, governance });
  const swap = { params: { ...siem, policy: 'other' } } as Parameters<NonNullable<typeof permit>>[0];
  await assert.rejects(async () => permit?.(swap), { detail: '/policy' });
  assert.equal(await guarded('audit.sink-put', { ...siem, from: 7 }), 'request-invalid');
});

test('what can not be reached by anything is refused before anybody is asked', async () => {
  const { guarded } = await set();
  const { leaf, root } = makeCertificates();
  const targets: readonly AuditSinkPutRequest['target'][] = [
    { ...hook, url: 'https://user:word@hook.example/' },
    { ...hook, url: 'https://' },
    { ...hook, ca: 'no certificate' },
    { ...hook, ca: leaf },
  ];
  for (const target of targets)
    assert.equal(
      await guarded('audit.sink-put', { ...siem, target }),
      'request-invalid',
      JSON.stringify(target),
    );
  assert.equal(await guarded('audit.sink-put', { ...siem, target: { ...hook, ca: root } }), 'done');
});

test('who reads the log does not decide where it goes', async () => {
  const { scene } = await set();
  const auditor = await scene.machine('reader', 'auditor');
  assert.equal(codeOf(await auditor.call(scene.worker, 'audit.sink-put', siem)), 'denied');
  assert.equal(codeOf(await auditor.call(scene.worker, 'audit.sink-remove', { name: 'siem' })), 'denied');
  assert.equal(codeOf(await auditor.call(scene.worker, 'audit.sink-list', {})), 'done');
});

test('the list of the sinks is signed by the identity key for the one who asked', async () => {
  const { guarded, announce, hsm } = await set();
  await guarded('audit.sink-put', siem);
  const identity = ed25519Point(await hsm.publicKey(hsmLabel.identity));
  const nonce = encodeBytes(new Uint8Array(32).fill(9));
  const reply = await announce({ nonce });
  assert.ok(checkers.sinksReply.check(reply));
  assert.ok(verifyStatement(identity, reply));
  assert.equal(reply.statement.nonce, nonce);
  const [sink] = reply.statement.sinks;
  assert.ok(sink);
  const redirected = { ...sink, target: { ...siem.target, host: 'evil.example' } as typeof sink.target };
  assert.ok(!verifyStatement(identity, { ...reply, statement: { ...reply.statement, sinks: [redirected] } }));
});
