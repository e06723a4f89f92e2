import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationIntent, ProposeRequest, Vote } from '@strongroom/contracts';
import fc from 'fast-check';
import {
  expire,
  finishExecution,
  missingVotes,
  openProposal,
  type Proposal,
  postponeExecution,
  recordVote,
  startExecution,
  type Transition,
} from './proposal.ts';

const now = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T00:30:00.000Z';
const opHash = 'h'.repeat(43);
const approvers = ['user:ann', 'user:bob', 'user:cem'];

const intent = {
  requester: 'user:olga',
  pendingUntil: '2026-01-01T01:00:00.000Z',
  executeWithinSeconds: 3_600,
} as OperationIntent;
const request = { id: 'p', quorums: [{ approvers, threshold: 2 }] } as unknown as ProposeRequest;

const vote = (approver: string, verdict: 'approve' | 'deny' = 'approve', signature = approver): Vote => ({
  opHash,
  verdict,
  approver,
  comment: '',
  votedAt: now,
  signature,
});

function opened(): Proposal {
  return openProposal(request, intent, opHash, now);
}

function after(transition: Transition): Proposal {
  assert.notEqual(transition.kind, 'refused');
  return (transition as { proposal: Proposal }).proposal;
}

function approved(): Proposal {
  return after(recordVote(after(recordVote(opened(), vote('user:ann'), now)), vote('user:bob'), later));
}

test('the last missing approval decides the proposal', () => {
  const one = after(recordVote(opened(), vote('user:ann'), now));
  assert.equal(one.state, 'pending');
  assert.equal(missingVotes(one), 1);
  assert.equal(approved().state, 'approved');
  assert.equal(approved().decidedAt, later);
});

test('one deny ends the proposal, and the end is final', () => {
  const denied = after(recordVote(opened(), vote('user:ann', 'deny'), now));
  assert.equal(denied.state, 'denied');
  assert.deepEqual(recordVote(denied, vote('user:bob'), now), { kind: 'refused', code: 'proposal-closed' });
});

test('a vote is refused from a stranger, from the requester, for another operation and after the end', () => {
  const codes = [
    recordVote(opened(), vote('user:eve'), now),
    recordVote(opened(), vote('user:olga'), now),
    recordVote(opened(), { ...vote('user:ann'), opHash: 'x'.repeat(43) }, now),
    recordVote(opened(), vote('user:ann'), '2026-01-01T01:00:00.001Z'),
  ].map((transition) => transition.kind === 'refused' && transition.code);
  assert.deepEqual(codes, ['denied', 'approver-is-requester', 'approval-invalid', 'approval-expired']);
});

test('the same vote twice counts once; another vote of the same approver is refused', () => {
  const one = after(recordVote(opened(), vote('user:ann'), now));
  assert.equal(recordVote(one, vote('user:ann'), now).kind, 'unchanged');
  assert.deepEqual(recordVote(one, vote('user:ann', 'deny', 'other'), now), {
    kind: 'refused',
    code: 'already-exists',
  });
});

test('what waits too long expires, for votes and for execution', () => {
  assert.equal(after(expire(opened(), '2026-01-01T01:00:00.001Z')).state, 'expired');
  assert.equal(expire(opened(), later).kind, 'unchanged');
  assert.equal(after(expire(approved(), '2026-01-01T01:30:00.001Z')).state, 'expired');
  assert.deepEqual(startExecution(approved(), '2026-01-01T01:30:00.001Z'), {
    kind: 'refused',
    code: 'approval-expired',
  });
});

test('execution can be started again after a crash, postponed, and finished once', () => {
  const executing = after(startExecution(approved(), later));
  assert.equal(startExecution(executing, later).kind, 'unchanged');
  assert.equal(after(postponeExecution(executing)).state, 'approved');
  const executed = after(finishExecution(executing, undefined));
  assert.equal(executed.state, 'executed');
  assert.equal(finishExecution(executed, undefined).kind, 'refused');
  assert.equal(after(finishExecution(executing, 'subject-changed')).failure, 'subject-changed');
});

test('whatever is voted in whatever order: approved needs that many distinct approvers and no deny', () => {
  const anyVote = fc.record({
    approver: fc.constantFrom(...approvers, 'user:olga', 'user:eve'),
    verdict: fc.constantFrom('approve' as const, 'deny' as const),
    signature: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(anyVote), (votes) => {
      let proposal = opened();
      for (const each of votes) {
        const transition = recordVote(proposal, vote(each.approver, each.verdict, each.signature), now);
        if (transition.kind !== 'refused') proposal = transition.proposal;
      }
      const counted = new Set(
        proposal.votes.filter((one) => one.verdict === 'approve').map((one) => one.approver),
      );
      assert.ok([...counted].every((approver) => approvers.includes(approver)));
      assert.equal(new Set(proposal.votes.map((one) => one.approver)).size, proposal.votes.length);
      assert.equal(proposal.state === 'approved', counted.size >= 2);
    }),
  );
});

test('of two quorums both have to be filled, and one vote counts in each that it belongs to', () => {
  const quorums = [
    { approvers, threshold: 2 },
    { approvers: ['user:cem', 'user:dora'], threshold: 1 },
  ];
  const start = openProposal({ ...request, quorums }, intent, opHash, now);
  const voted = (...names: string[]) =>
    names.reduce((proposal, name) => after(recordVote(proposal, vote(name), now)), start);
  assert.equal(missingVotes(start), 2);
  assert.deepEqual(
    [voted('user:ann', 'user:bob').state, missingVotes(voted('user:ann', 'user:bob'))],
    ['pending', 1],
  );
  assert.equal(voted('user:dora').state, 'pending');
  assert.equal(voted('user:ann', 'user:bob', 'user:dora').state, 'approved');
  assert.equal(voted('user:ann', 'user:cem').state, 'approved');
  assert.equal(after(recordVote(start, vote('user:dora', 'deny'), now)).state, 'denied');
});
