/**
 * Whether a quorum has allowed one exact operation. Pure: it is given the evidence and the state of now and answers with
 * the approvers or with the stable code of the refusal. Nothing that the approvals service says is an input; the bundle
 * that it carries is judged by the governance root that the HSM pins (I6).
 *
 * The checks stand in the order of `checks`; each says when it is not met and nothing else.
 */
import { type CanonicalValue, decodeBytes, digest, encodeBytes } from '@strongroom/canonical';
import {
  digestDomain,
  type GovernanceRoot,
  type IntentSubject,
  type OperationIntent,
  type PolicyReference,
  type QuorumPolicy,
  type Vote,
} from '@strongroom/contracts';

/** What clocks of approvers and of the workers may differ. */
export const voteSkewMs = 30_000;

export interface QuorumQuestion {
  readonly intent: OperationIntent;
  readonly votes: readonly Vote[];
  readonly root: GovernanceRoot;
  /** The object of the operation as it is now. */
  readonly subject: IntentSubject;
  /** The policy that the object names now, and where the operation gives it another one, that; empty: none. */
  readonly policyNames: readonly string[];
  readonly nowMs: number;
  /** Whether the holder of the raw Ed25519 key signed the vote; never throws. */
  readonly isSignedBy: (publicKey: Uint8Array, vote: Vote) => boolean;
}

export type QuorumRefusal =
  | 'approval-invalid'
  | 'approval-denied'
  | 'approval-expired'
  | 'approver-is-requester'
  | 'subject-changed';

export type QuorumVerdict =
  | { readonly status: 'met'; readonly opHash: string; readonly approvers: readonly string[] }
  | { readonly status: 'refused'; readonly code: QuorumRefusal; readonly reason: string };

type Refusal = Extract<QuorumVerdict, { status: 'refused' }>;
const refuse = (code: QuorumRefusal, reason: string): Refusal => ({ status: 'refused', code, reason });

export function operationHash(intent: OperationIntent): string {
  return encodeBytes(digest(digestDomain.intent, intent as unknown as CanonicalValue));
}

export function policyReference(policy: QuorumPolicy): PolicyReference {
  const { name, version } = policy;
  return {
    name,
    version,
    hash: encodeBytes(digest(digestDomain.policy, policy as unknown as CanonicalValue)),
  };
}

export function judgeQuorum(question: QuorumQuestion): QuorumVerdict {
  const opHash = operationHash(question.intent);
  const { policy: first, nextPolicy } = question.intent;
  const references = nextPolicy === undefined ? [first] : [first, nextPolicy];
  const policies: QuorumPolicy[] = [];
  for (const reference of references) {
    const policy = question.root.policies.find(({ name }) => name === reference.name);
    if (policy === undefined) return refuse('approval-invalid', 'no such policy');
    policies.push(policy);
  }
  const evidence: Evidence = { ...question, opHash, references, policies };
  for (const check of checks) {
    const refusal = check(evidence);
    if (refusal !== undefined) return refusal;
  }
  return { status: 'met', opHash, approvers: question.votes.map(({ approver }) => approver).sort() };
}

interface Evidence extends QuorumQuestion {
  readonly opHash: string;
  readonly references: readonly PolicyReference[];
  /** Those that the intent refers to, in that order. The votes have to fill the quorum of each. */
  readonly policies: readonly QuorumPolicy[];
}
type Check = (evidence: Evidence) => Refusal | undefined;

const subjectIsUnchanged: Check = ({ intent, subject }) => {
  const fields = ['kind', 'group', 'name', 'version', 'stateHash'] as const;
  return fields.every((field) => intent.subject[field] === subject[field])
    ? undefined
    : refuse('subject-changed', 'the object is not the one that was approved');
};

/** A policy or roster that changed meanwhile voids what waits: loosening must never help a pending request. */
const policiesAreThoseInForce: Check = ({ intent, references, policies, policyNames, root }) => {
  const isNamed = policies.every(({ name }, at) => name === policyNames[at]);
  if (policies.length !== policyNames.length || !isNamed)
    return refuse('approval-invalid', 'the object names another policy');
  const isTheSame = policies.map(policyReference).every(({ version, hash }, at) => {
    const approved = references[at];
    return approved?.version === version && approved.hash === hash;
  });
  if (!isTheSame) return refuse('approval-invalid', 'the policy changed');
  return intent.rosterVersion === root.version
    ? undefined
    : refuse('approval-invalid', 'the roster of approvers changed');
};

const everyVoteIsGenuine: Check = ({ intent, votes, opHash, policies, root, nowMs, isSignedBy }) => {
  const createdMs = Date.parse(intent.createdAt);
  for (const vote of votes) {
    if (vote.approver === intent.requester) return refuse('approver-is-requester', 'the requester voted');
    if (vote.opHash !== opHash) return refuse('approval-invalid', 'a vote on another operation');
    if (!policies.some(({ approvers }) => approvers.includes(vote.approver)))
      return refuse('approval-invalid', 'a vote of a stranger');
    const holder = root.approvers.find(({ principal }) => principal === vote.approver);
    if (holder === undefined) return refuse('approval-invalid', 'a vote of nobody in the roster');
    if (!isSignedBy(decodeBytes(holder.publicKey), vote))
      return refuse('approval-invalid', 'a signature does not verify');
    const votedMs = Date.parse(vote.votedAt);
    // A negated comparison refuses a date that does not exist as well.
    if (!(votedMs >= createdMs - voteSkewMs && votedMs <= nowMs + voteSkewMs))
      return refuse('approval-invalid', 'a vote out of its time');
  }
  return undefined;
};

const everyoneVotedOnce: Check = ({ votes }) =>
  new Set(votes.map(({ approver }) => approver)).size === votes.length
    ? undefined
    : refuse('approval-invalid', 'two votes of one approver');

/** The deny threshold is one. */
const nobodyDenied: Check = ({ votes }) =>
  votes.some(({ verdict }) => verdict !== 'approve')
    ? refuse('approval-denied', 'an approver denied')
    : undefined;

const votesIn = (votes: readonly Vote[], { approvers }: QuorumPolicy): readonly Vote[] =>
  votes.filter(({ approver }) => approvers.includes(approver));

const enoughApproved: Check = ({ votes, policies }) =>
  policies.every((policy) => policy.threshold >= 1 && votesIn(votes, policy).length >= policy.threshold)
    ? undefined
    : refuse('approval-invalid', 'votes are missing');

function decidedMsOf(votes: readonly Vote[], policy: QuorumPolicy): number {
  const times = votesIn(votes, policy).map(({ votedAt }) => Date.parse(votedAt));
  return times.sort((left, right) => left - right)[policy.threshold - 1] ?? Number.NaN;
}

/** Two clocks: one until the deciding vote, which fills the last quorum, one from there to the execution. */
const isInTime: Check = ({ intent, votes, policies, nowMs }) => {
  const decidedMs = Math.max(...policies.map((policy) => decidedMsOf(votes, policy)));
  if (!(decidedMs <= Date.parse(intent.pendingUntil)))
    return refuse('approval-expired', 'the deciding vote came too late');
  return nowMs <= decidedMs + intent.executeWithinSeconds * 1_000
    ? undefined
    : refuse('approval-expired', 'the approval was not used in time');
};

const checks: readonly Check[] = [
  policiesAreThoseInForce,
  everyVoteIsGenuine,
  everyoneVotedOnce,
  nobodyDenied,
  enoughApproved,
  isInTime,
  subjectIsUnchanged,
];
