/**
 * Approvals on the wire. What approvers sign is an operation intent: canonical bytes over one exact operation, object
 * version and policy. Everything here passes through carriers; the worker checks it all again before it acts (I6).
 */
import { type Static, Type } from 'typebox';
import {
  Bytes,
  Bytes32,
  Count,
  closed,
  closedRecord,
  fieldNamePattern,
  Name,
  PrincipalId,
  RequestId,
  Signature,
  Text,
  Timestamp,
  Version,
} from '../fields.ts';

export const PolicyReference = closed({ name: Name, version: Version, hash: Bytes32 });
export type PolicyReference = Static<typeof PolicyReference>;

/** The object as it is when the approval is asked for; `stateHash` is the SHA-256 of its canonical record. */
export const IntentSubject = closed({
  kind: Text(32),
  group: Type.Optional(Name),
  name: Type.Optional(Text(200)),
  /** 0 and the hash of nothing for an object that does not exist yet. */
  version: Count,
  stateHash: Bytes32,
});
export type IntentSubject = Static<typeof IntentSubject>;

/** `opHash` = SHA-256("strongroom/intent/1" 0x00 canonical(intent)). */
export const OperationIntent = closed({
  type: Type.Literal('strongroom.intent/1'),
  tenant: Name,
  pool: Name,
  operation: Text(64),
  requestId: RequestId,
  /** Request fields by audit class: `plain` as they are, all others as salted commitments `sha256:<base64url>`. */
  fields: closedRecord(fieldNamePattern, Text(4_096), 32),
  subject: IntentSubject,
  requester: PrincipalId,
  policy: PolicyReference,
  /** Of an operation that gives the object another policy: that one. The votes have to fill both quorums. */
  nextPolicy: Type.Optional(PolicyReference),
  rosterVersion: Version,
  createdAt: Timestamp,
  pendingUntil: Timestamp,
  /** Seconds after the quorum is met within which the operation must start. */
  executeWithinSeconds: Type.Integer({ minimum: 1, maximum: 1_209_600 }),
  nonce: Bytes(16, 16),
});
export type OperationIntent = Static<typeof OperationIntent>;

export const Verdict = Type.Union([Type.Literal('approve'), Type.Literal('deny')]);
export type Verdict = Static<typeof Verdict>;

/**
 * One approver's signed answer. The signature (Ed25519, by the approver key in the governance root) is over
 * SHA-256("strongroom/vote/1" 0x00 canonical({ opHash, verdict, approver, commentHash, votedAt })).
 */
export const Vote = closed({
  opHash: Bytes32,
  verdict: Verdict,
  approver: PrincipalId,
  comment: Text(500),
  votedAt: Timestamp,
  signature: Signature,
});
export type Vote = Static<typeof Vote>;

export const ProposalState = Type.Union([
  Type.Literal('pending'),
  Type.Literal('approved'),
  Type.Literal('executing'),
  Type.Literal('executed'),
  Type.Literal('denied'),
  Type.Literal('expired'),
  Type.Literal('failed'),
]);
export type ProposalState = Static<typeof ProposalState>;

/** What a requester gets instead of a result while the quorum is not met. */
export const PendingApproval = closed({
  proposal: RequestId,
  opHash: Bytes32,
  policy: Name,
  /** Votes still missing; of two quorums, in the one that lacks more. */
  missing: Count,
  pendingUntil: Timestamp,
});
export type PendingApproval = Static<typeof PendingApproval>;

export const Proposal = closed({
  /** The request id of the operation that waits. */
  id: RequestId,
  state: ProposalState,
  /** Canonical bytes of the intent; show and sign what these say, nothing else. */
  intent: Bytes(16_384),
  opHash: Bytes32,
  votes: Type.Array(Vote, { maxItems: 64 }),
  missing: Count,
  createdAt: Timestamp,
  decidedAt: Type.Optional(Timestamp),
  /** Stable code if execution was refused. */
  failure: Type.Optional(Text(64)),
});
export type Proposal = Static<typeof Proposal>;

/** The portable bundle that the worker verifies: the intent, its own MAC over it, the sealed operation, the votes. */
export const Certificate = closed({
  intent: Bytes(16_384),
  /** HMAC-SHA256 of the worker over the intent: no other party can bring an intent into the world. */
  intentMac: Bytes32,
  /** The whole operation, encrypted by the worker for itself and bound to opHash. */
  operation: Bytes(131_072),
  votes: Type.Array(Vote, { maxItems: 64 }),
});
export type Certificate = Static<typeof Certificate>;

/** So many of these people. One vote counts in each quorum that its approver belongs to. */
export const Quorum = closed({
  approvers: Type.Array(PrincipalId, { minItems: 1, maxItems: 64 }),
  threshold: Version,
});
export type Quorum = Static<typeof Quorum>;

// Requests of the worker to the approvals service.
export const ProposeRequest = closed({
  id: RequestId,
  intent: Bytes(16_384),
  intentMac: Bytes32,
  operation: Bytes(131_072),
  /** What the service needs to count; the worker counts again by the governance root. All of them have to be filled. */
  quorums: Type.Array(Quorum, { minItems: 1, maxItems: 2 }),
});
export type ProposeRequest = Static<typeof ProposeRequest>;
export const VoteRequest = closed({ proposal: RequestId, vote: Vote });
export type VoteRequest = Static<typeof VoteRequest>;
export const ProposalShowRequest = closed({ proposal: RequestId });
export type ProposalShowRequest = Static<typeof ProposalShowRequest>;
export const ProposalListRequest = closed({
  state: Type.Optional(ProposalState),
  limit: Type.Integer({ minimum: 1, maximum: 100 }),
  after: Type.Optional(RequestId),
});
export type ProposalListRequest = Static<typeof ProposalListRequest>;
export const ProposalListReply = closed({
  proposals: Type.Array(Proposal, { maxItems: 100 }),
  next: Type.Optional(RequestId),
});
export type ProposalListReply = Static<typeof ProposalListReply>;

// Requests of the approvals service to a worker.
export const ExecuteRequest = closed({ proposal: RequestId, certificate: Certificate });
export type ExecuteRequest = Static<typeof ExecuteRequest>;
export const ExecuteReply = Type.Union([
  closed({ status: Type.Literal('done') }),
  closed({ status: Type.Literal('refused'), code: Text(64) }),
]);
export type ExecuteReply = Static<typeof ExecuteReply>;
