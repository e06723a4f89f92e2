/** The service on a real database and a bus with the real framing; workers, approvers and the webhook are played. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type CanonicalValue,
  canonicalBytes,
  digest,
  encodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import {
  digestDomain,
  type ExecuteReply,
  newRequestId,
  type OperationIntent,
  type Proposal,
  type ProposeRequest,
  subjects,
  type Verdict,
} from '@strongroom/contracts';
import { bootstrapStatements, migrate, openDatabase, outboxMigration } from '@strongroom/database';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { type MemoryBus, MemoryBusHub, startPostgres, type TestPostgres } from '@strongroom/testing';
import type { Kysely } from 'kysely';
import { makeAdvanceProposal } from '../../src/app/advance-proposal.ts';
import { makeDeliverNotification } from '../../src/app/deliver-notification.ts';
import { makePropose } from '../../src/app/propose.ts';
import { makeRecordVote } from '../../src/app/record-vote.ts';
import { makeListProposals, makeShowProposal } from '../../src/app/show-proposals.ts';
import { serveBus } from '../../src/inbound/bus.ts';
import { makeExecutor } from '../../src/outbound/bus/executor.ts';
import { makeNotificationQueue } from '../../src/outbound/postgres/notification-queue.ts';
import { makeProposalStore } from '../../src/outbound/postgres/proposal-store.ts';
import { type ApprovalsSchema, migrations } from '../../src/outbound/postgres/schema.ts';

const approvers = ['user:ann', 'user:bob', 'user:cem'];
let nowMs = Date.parse('2026-01-01T00:00:00.000Z');
const clock = { now: () => new Date(nowMs).toISOString() };

let postgres: TestPostgres;
let database: Kysely<ApprovalsSchema>;
let worker: MemoryBus;
let service: MemoryBus;
let executions: (() => Promise<ExecuteReply>)[] = [];
let executed = 0;

before(async () => {
  postgres = await startPostgres();
  for (const statement of bootstrapStatements('strongroom', [{ name: 'approvals', password: 'p' }])) {
    await postgres.run(statement);
  }
  database = openDatabase<ApprovalsSchema>({
    url: postgres.urlOf('approvals', 'p'),
    schema: 'approvals',
    applicationName: 'test',
    poolMax: 4,
    statementTimeoutMs: 5_000,
    onIdleFault: () => undefined,
  });
  await migrate(database, 'approvals', [outboxMigration, ...migrations]);
  const hub = new MemoryBusHub();
  worker = await hub.join('crypto-worker');
  service = await hub.join('approvals');
  const store = makeProposalStore(database, clock);
  await serveBus(service, {
    propose: makePropose({ store, clock }),
    recordVote: makeRecordVote({ store, clock }),
    showProposal: makeShowProposal({ store }),
    listProposals: makeListProposals({ store }),
    wake: () => undefined,
  });
  await worker.respond(subjects.execute('default'), {
    handler: async () => {
      executed += 1;
      const outcome = executions.shift();
      return canonicalBytes((outcome === undefined ? { status: 'done' } : await outcome()) as CanonicalValue);
    },
  });
});

after(async () => {
  await service.close();
  await worker.close();
  await database.destroy();
  await postgres.stop();
});

async function ask<Reply>(subject: string, request: object): Promise<Reply> {
  const bytes = await worker.request(subject, canonicalBytes(request as CanonicalValue), {
    deadlineMs: 5_000,
  });
  return parseCanonical(bytes) as Reply;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (fault: unknown) => (isStrongroomError(fault) ? fault.code : String(fault)),
  );

function makeRequest(): { readonly request: ProposeRequest; readonly opHash: string } {
  const id = newRequestId();
  const intent: OperationIntent = {
    type: 'strongroom.intent/1',
    tenant: 'default',
    pool: 'default',
    operation: 'key.rotate',
    requestId: id,
    fields: { group: '"default"', name: '"kms"' },
    subject: { kind: 'key', group: 'default', name: 'kms', version: 1, stateHash: 'A'.repeat(43) },
    requester: 'user:olga',
    policy: { name: 'two-of-three', version: 1, hash: 'A'.repeat(43) },
    rosterVersion: 1,
    createdAt: clock.now(),
    pendingUntil: new Date(nowMs + 3_600_000).toISOString(),
    executeWithinSeconds: 3_600,
    nonce: 'A'.repeat(22),
  };
  const value = intent as unknown as CanonicalValue;
  const request = {
    id,
    intent: encodeBytes(canonicalBytes(value)),
    intentMac: 'A'.repeat(43),
    operation: 'AAAA',
    quorums: [{ approvers, threshold: 2 }],
  };
  return { request, opHash: encodeBytes(digest(digestDomain.intent, value)) };
}

const vote = (id: string, opHash: string, approver: string, verdict: Verdict = 'approve') =>
  ask<Proposal>(subjects.approvalsVote, {
    proposal: id,
    vote: {
      opHash,
      verdict,
      approver,
      comment: '',
      votedAt: clock.now(),
      signature: `${approver.slice(-3)}${'A'.repeat(83)}`,
    },
  });

const advance = () => {
  const store = makeProposalStore(database, clock);
  return makeAdvanceProposal({ store, clock, executor: makeExecutor(service, 'default') });
};

test('a proposal is kept once, shown and listed, and unknown ones are absent', async () => {
  const { request, opHash } = makeRequest();
  const first = await ask<Proposal>(subjects.approvalsPropose, request);
  assert.deepEqual(await ask<Proposal>(subjects.approvalsPropose, request), first);
  assert.equal(first.opHash, opHash);
  assert.equal((await ask<Proposal>(subjects.approvalsShow, { proposal: request.id })).state, 'pending');
  const { proposals } = await ask<{ proposals: Proposal[] }>(subjects.approvalsList, {
    state: 'pending',
    limit: 1,
  });
  assert.equal(proposals[0]?.id, request.id);
  assert.equal(await codeOf(ask(subjects.approvalsShow, { proposal: newRequestId() })), 'absent');
});

test('two votes at the same moment are both counted, and the operation runs once', async () => {
  const { request, opHash } = makeRequest();
  await ask(subjects.approvalsPropose, request);
  await Promise.all([vote(request.id, opHash, 'user:ann'), vote(request.id, opHash, 'user:bob')]);
  assert.equal((await ask<Proposal>(subjects.approvalsShow, { proposal: request.id })).state, 'approved');
  executed = 0;
  await Promise.all([advance()(request.id), advance()(request.id)]);
  await advance()(request.id);
  assert.equal((await ask<Proposal>(subjects.approvalsShow, { proposal: request.id })).state, 'executed');
  assert.ok(executed >= 1 && executed <= 2, 'two processes may both ask; the worker is idempotent');
});

test('an unreachable worker postpones, an unknown outcome is asked about again, a refusal is final', async () => {
  const { request, opHash } = makeRequest();
  await ask(subjects.approvalsPropose, request);
  await vote(request.id, opHash, 'user:ann');
  await vote(request.id, opHash, 'user:cem');
  const state = async () => (await ask<Proposal>(subjects.approvalsShow, { proposal: request.id })).state;
  executions = [
    () => Promise.reject(new StrongroomError('hsm-unavailable')),
    () => Promise.reject(new StrongroomError('outcome-unknown')),
    async () => ({ status: 'refused', code: 'subject-changed' }),
  ];
  await advance()(request.id);
  assert.equal(await state(), 'approved');
  await advance()(request.id);
  assert.equal(await state(), 'executing');
  await advance()(request.id);
  const shown = await ask<Proposal>(subjects.approvalsShow, { proposal: request.id });
  assert.deepEqual([shown.state, shown.failure], ['failed', 'subject-changed']);
  assert.equal(await codeOf(vote(request.id, opHash, 'user:bob')), 'proposal-closed');
});

test('a proposal that waited too long expires', async () => {
  const { request, opHash } = makeRequest();
  await ask(subjects.approvalsPropose, request);
  nowMs += 3_600_001;
  const due = await makeProposalStore(database, clock).findDue(clock.now(), 100);
  assert.ok(due.includes(request.id));
  assert.equal(await codeOf(vote(request.id, opHash, 'user:ann')), 'approval-expired');
  await advance()(request.id);
  assert.equal((await ask<Proposal>(subjects.approvalsShow, { proposal: request.id })).state, 'expired');
});

test('people are told of the question and of the answer, with retries that end', async () => {
  const store = makeProposalStore(database, clock);
  const queue = makeNotificationQueue(database);
  const told: string[] = [];
  let isReachable = false;
  const notifier = {
    deliver: async ({ title }: { title: string }) => {
      if (isReachable) told.push(title);
      return isReachable;
    },
  };
  const deliver = makeDeliverNotification({ queue, store, notifier, clock });
  const { request } = makeRequest();
  await ask(subjects.approvalsPropose, request);
  const due = async () =>
    (await queue.due(clock.now(), 100)).filter(({ proposal }) => proposal === request.id);
  for (const waiting of await due()) await deliver(waiting);
  assert.deepEqual(await due(), []);
  nowMs += 1_001;
  isReachable = true;
  for (const waiting of await due()) await deliver(waiting);
  assert.deepEqual(told, ['Approval wanted: key.rotate key default/kms']);
  nowMs += 10_000_000;
  assert.deepEqual(await due(), []);
});

test('bad bytes get a coded refusal and no effect', async () => {
  const send = (bytes: Uint8Array) =>
    codeOf(worker.request(subjects.approvalsPropose, bytes, { deadlineMs: 1_000 }));
  assert.equal(await send(Buffer.from('{')), 'message-malformed');
  assert.equal(await send(canonicalBytes({ id: 1 })), 'request-invalid');
  const { request } = makeRequest();
  const broken = { ...request, intent: encodeBytes(canonicalBytes({ type: 'other' })) };
  assert.equal(await codeOf(ask(subjects.approvalsPropose, broken)), 'message-malformed');
  assert.equal(await codeOf(ask(subjects.approvalsShow, { proposal: request.id })), 'absent');
});
