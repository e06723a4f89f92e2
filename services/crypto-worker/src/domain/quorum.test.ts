/** The quorum against an oracle that knows only the rule: enough different approvers, nobody else, nobody against, in time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GovernanceRoot, OperationIntent, QuorumPolicy, Vote } from '@strongroom/contracts';
import fc from 'fast-check';
import { makeIntent } from './intent.ts';
import { judgeQuorum, operationHash, type QuorumQuestion, voteSkewMs } from './quorum.ts';
import { subjectOf } from './subject.ts';

const people = ['user:a', 'user:b', 'user:c', 'user:d', 'user:e'];
const startMs = Date.parse('2030-01-01T00:00:00.000Z');
const subject = subjectOf({ kind: 'key', group: 'default', name: 'kek' }, undefined);

/** Stands for a signature: says who signed what. */
const signatureOf = (publicKey: string, vote: Omit<Vote, 'signature'>) =>
  `${publicKey} ${vote.opHash} ${vote.verdict} ${vote.approver} ${vote.comment} ${vote.votedAt}`;
const isSignedBy: QuorumQuestion['isSignedBy'] = (publicKey, vote) =>
  vote.signature === signatureOf(Buffer.from(publicKey).toString('base64url'), vote);

const keyOf = (principal: string) => Buffer.alloc(32, principal).toString('base64url');

function rootOf(...policies: QuorumPolicy[]): GovernanceRoot {
  return {
    type: 'strongroom.governance-root/1',
    version: 1,
    deployment: 'test',
    tenant: 'default',
    operators: [{ principal: 'user:op', publicKey: keyOf('user:op') }],
    approvers: people.map((principal) => ({ principal, publicKey: keyOf(principal) })),
    auditService: keyOf('audit'),
    policies,
  };
}

function intentOf(policy: QuorumPolicy, requester: string, ...next: QuorumPolicy[]): OperationIntent {
  return makeIntent({
    tenant: 'default',
    pool: 'default',
    operation: 'key.rotate',
    requestId: '01b8dac5-b400-7526-9258-8e602f36bd65',
    requester,
    subject,
    policies: [policy, ...next],
    root: rootOf(policy, ...next),
    fields: {},
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    nowMs: startMs,
  });
}

const policies = fc
  .record({
    approvers: fc.subarray(people, { minLength: 1 }),
    wanted: fc.integer({ min: 1, max: people.length }),
    pendingSeconds: fc.integer({ min: 1, max: 1_000 }),
    executeWithinSeconds: fc.integer({ min: 1, max: 1_000 }),
  })
  .map(({ approvers, wanted, ...clocks }) => ({
    name: 'p',
    version: 1,
    threshold: Math.min(wanted, approvers.length),
    approvers,
    ...clocks,
  }));

interface Ballot {
  readonly approver: string;
  readonly verdict: 'approve' | 'deny';
  readonly atMs: number;
  readonly forged: boolean;
}

const ballots = fc.array(
  fc.record({
    approver: fc.constantFrom(...people, 'user:stranger'),
    verdict: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'deny' as const),
    atMs: fc.integer({ min: -60_000, max: 1_200_000 }),
    forged: fc.constantFrom(false, false, false, false, true),
  }),
  { maxLength: 6 },
);

function castOn(opHash: string, { approver, verdict, atMs, forged }: Ballot): Vote {
  const vote = { opHash, verdict, approver, comment: '', votedAt: new Date(startMs + atMs).toISOString() };
  return { ...vote, signature: forged ? 'forged' : signatureOf(keyOf(approver), vote) };
}

test('a quorum is met exactly where the rule says so', () => {
  const requesters = fc.constantFrom('user:op', 'user:a', 'user:b');
  const now = fc.integer({ min: 0, max: 2_000_000 });
  fc.assert(
    fc.property(policies, requesters, ballots, now, (policy, requester, cast, sinceMs) => {
      const intent = intentOf(policy, requester);
      const opHash = operationHash(intent);
      const votes = cast.map((ballot) => castOn(opHash, ballot));
      const nowMs = startMs + sinceMs;
      const root = rootOf(policy);
      const verdict = judgeQuorum({ intent, votes, root, subject, policyNames: ['p'], nowMs, isSignedBy });
      const names = cast.map(({ approver }) => approver);
      const times = cast.map(({ atMs }) => atMs).sort((a, b) => a - b);
      const decidedMs = times[policy.threshold - 1] ?? Number.NaN;
      const expected =
        cast.every(
          ({ approver, forged, verdict: said }) =>
            policy.approvers.includes(approver) && !forged && said === 'approve',
        ) &&
        !names.includes(requester) &&
        new Set(names).size === names.length &&
        names.length >= policy.threshold &&
        times.every((atMs) => atMs >= -voteSkewMs && atMs <= sinceMs + voteSkewMs) &&
        decidedMs <= policy.pendingSeconds * 1_000 &&
        sinceMs <= decidedMs + policy.executeWithinSeconds * 1_000;
      assert.equal(verdict.status === 'met', expected, JSON.stringify(verdict));
    }),
    { numRuns: 2_000 },
  );
});

const policy: QuorumPolicy = {
  name: 'p',
  version: 1,
  threshold: 2,
  approvers: people,
  pendingSeconds: 100,
  executeWithinSeconds: 100,
};
const intent = intentOf(policy, 'user:op');
const approve = (approver: string, opHash = operationHash(intent)): Vote =>
  castOn(opHash, { approver, verdict: 'approve', atMs: 0, forged: false });
const question: QuorumQuestion = {
  intent,
  votes: [approve('user:b'), approve('user:a')],
  root: rootOf(policy),
  subject,
  policyNames: ['p'],
  nowMs: startMs,
  isSignedBy,
};

test('who allowed it is told in order', () => {
  const verdict = judgeQuorum(question);
  assert.deepEqual(verdict.status === 'met' && verdict.approvers, ['user:a', 'user:b']);
});

test('a policy, roster or object that is not the approved one voids the approval', () => {
  const changes: readonly [string, Partial<QuorumQuestion>][] = [
    ['approval-invalid', { policyNames: [] }],
    ['approval-invalid', { policyNames: ['q'] }],
    ['approval-invalid', { root: rootOf({ ...policy, version: 2 }) }],
    ['approval-invalid', { root: rootOf({ ...policy, threshold: 1 }) }],
    ['approval-invalid', { root: rootOf({ ...policy, name: 'q' }) }],
    ['approval-invalid', { root: { ...rootOf(policy), version: 2 } }],
    [
      'approval-invalid',
      { root: { ...rootOf(policy), approvers: [{ principal: 'user:a', publicKey: keyOf('x') }] } },
    ],
    ['subject-changed', { subject: { ...subject, version: 1 } }],
    ['subject-changed', { subject: { ...subject, name: 'other' } }],
    ['subject-changed', { subject: { ...subject, stateHash: keyOf('x') } }],
  ];
  for (const [code, change] of changes) {
    const verdict = judgeQuorum({ ...question, ...change });
    assert.equal(verdict.status === 'refused' && verdict.code, code, JSON.stringify(change));
  }
});

test('no part of an intent can change under its votes', () => {
  const parts = Object.keys(intent) as (keyof OperationIntent)[];
  for (const part of parts) {
    const changed = {
      ...intent,
      [part]: typeof intent[part] === 'number' ? 7 : 'changed',
    } as OperationIntent;
    if (part === 'policy' || part === 'subject') continue;
    const verdict = judgeQuorum({ ...question, intent: changed });
    assert.equal(verdict.status, 'refused', part);
  }
});

test('where the policy changes, the quorums of both are filled, each from its own approvers', () => {
  const voters = fc.uniqueArray(fc.constantFrom(...people), { maxLength: people.length });
  fc.assert(
    fc.property(policies, policies, voters, (old, other, names) => {
      const next = { ...other, name: 'q' };
      const changing = intentOf(old, 'user:op', next);
      const votes = names.map((name) => approve(name, operationHash(changing)));
      const root = rootOf(old, next);
      const asked = { ...question, intent: changing, votes, root, policyNames: ['p', 'q'] };
      const isFilled = ({ approvers, threshold }: QuorumPolicy) =>
        names.filter((name) => approvers.includes(name)).length >= threshold;
      const expected =
        names.every((name) => old.approvers.includes(name) || next.approvers.includes(name)) &&
        isFilled(old) &&
        isFilled(next);
      assert.equal(judgeQuorum(asked).status === 'met', expected);
    }),
    { numRuns: 1_000 },
  );
});

test('an approval under one policy is none for a change to another, nor the other way round', () => {
  const next = { ...policy, name: 'q' };
  const root = rootOf(policy, next);
  const changing = intentOf(policy, 'user:op', next);
  const votes = [approve('user:a', operationHash(changing)), approve('user:b', operationHash(changing))];
  const both = { ...question, root, intent: changing, votes, policyNames: ['p', 'q'] };
  assert.equal(judgeQuorum(both).status, 'met');
  for (const policyNames of [['p'], ['q', 'p'], ['p', 'r'], ['p', 'q', 'r'], []])
    assert.equal(judgeQuorum({ ...both, policyNames }).status, 'refused', policyNames.join());
  const loosened = rootOf(policy, { ...next, threshold: 1 });
  assert.equal(judgeQuorum({ ...both, root: loosened }).status, 'refused');
  assert.equal(judgeQuorum({ ...question, root, policyNames: ['p', 'q'] }).status, 'refused');
});

test('of two policies the shorter clocks count, and the vote that fills the last quorum decides', () => {
  const early = { ...policy, threshold: 1, approvers: ['user:a'] };
  const late = {
    ...policy,
    name: 'q',
    threshold: 1,
    approvers: ['user:b'],
    pendingSeconds: 50,
    executeWithinSeconds: 30,
  };
  const changing = intentOf(early, 'user:op', late);
  assert.equal(Date.parse(changing.pendingUntil) - startMs, 50_000);
  assert.equal(changing.executeWithinSeconds, 30);
  const opHash = operationHash(changing);
  const judged = (lastMs: number, nowMs: number) => {
    const votes = [
      approve('user:a', opHash),
      castOn(opHash, { approver: 'user:b', verdict: 'approve', atMs: lastMs, forged: false }),
    ];
    const at = { intent: changing, votes, root: rootOf(early, late), policyNames: ['p', 'q'] };
    const verdict = judgeQuorum({ ...question, ...at, nowMs: startMs + nowMs });
    return verdict.status === 'refused' ? verdict.code : verdict.status;
  };
  assert.equal(judged(50_000, 80_000), 'met');
  assert.equal(judged(50_000, 80_001), 'approval-expired');
  assert.equal(judged(50_001, 60_000), 'approval-expired');
});
