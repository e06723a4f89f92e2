/**
 * The log on the wire. An entry has two parts: the body, made and signed by the crypto worker, and what the writer adds
 * (time, sequence numbers). The leaf of RFC 6962 is the canonical bytes of the whole entry; its index is its place.
 */
import { type Static, Type } from 'typebox';
import {
  Bytes,
  Bytes32,
  Count,
  Cursor,
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
import { SignedStatement } from './statement.ts';

/**
 * `proposal`: the operation waits for its quorum. `intent`: before the effect of an operation that changes something, or
 * its refusal up to there, so that a request id which was refused once can never be carried out later. `outcome`: after
 * the effect, and every refusal of an operation that changes nothing. (actor, request id, phase) is unique in the log for
 * ever.
 */
export const EntryPhase = Type.Union([
  Type.Literal('proposal'),
  Type.Literal('intent'),
  Type.Literal('outcome'),
]);
export type EntryPhase = Static<typeof EntryPhase>;

/** `intended` only in the intent phase. `unknown`: interrupted, being reconciled. */
export const EntryOutcome = Type.Union([
  Type.Literal('intended'),
  Type.Literal('done'),
  Type.Literal('refused'),
  Type.Literal('pending'),
  Type.Literal('unknown'),
]);
export type EntryOutcome = Static<typeof EntryOutcome>;

export const ProofKind = Type.Union([
  Type.Literal('key'),
  Type.Literal('api-key'),
  Type.Literal('workload-jwt'),
  /** Nothing was proven: the refusal is what the entry records. */
  Type.Literal('none'),
  /** The platform itself: reconciliation, seeding. */
  Type.Literal('system'),
]);
export type ProofKind = Static<typeof ProofKind>;

export const EntryActor = closed({
  /** `anonymous` or `system` where there is no principal. */
  id: Type.Union([PrincipalId, Type.Literal('anonymous'), Type.Literal('system')]),
  proof: ProofKind,
  cluster: Type.Optional(Name),
  namespace: Type.Optional(Text(63)),
  pod: Type.Optional(Text(253)),
  node: Type.Optional(Text(253)),
});
export type EntryActor = Static<typeof EntryActor>;

export const EntryObject = closed({
  kind: Text(32),
  group: Type.Optional(Name),
  name: Type.Optional(Text(200)),
  version: Type.Optional(Count),
  /** Stable code where one of several objects was refused. */
  code: Type.Optional(Text(64)),
});
export type EntryObject = Static<typeof EntryObject>;

/** Values of declared fields by class: plain values as canonical JSON text, commitments as `sha256:<base64url>`. */
const EntryFields = closedRecord(fieldNamePattern, Text(16_384), 32);

export const EntryBody = closed({
  v: Type.Literal(1),
  tenant: Name,
  requestId: RequestId,
  phase: EntryPhase,
  operation: Text(64),
  actor: EntryActor,
  objects: Type.Array(EntryObject, { maxItems: 64 }),
  outcome: EntryOutcome,
  /** Stable error code of a refusal. */
  code: Type.Optional(Text(64)),
  request: EntryFields,
  reply: EntryFields,
  /** SHA-256 of the canonical operation object without proof. */
  requestHash: Bytes32,
  /** opHash of the approval that allowed or awaits it. */
  approval: Type.Optional(Bytes32),
  approvers: Type.Optional(Type.Array(PrincipalId, { maxItems: 64 })),
  /** Time of the worker. */
  at: Timestamp,
  worker: Text(64),
});
export type EntryBody = Static<typeof EntryBody>;

/** What the writer adds. Sequence numbers count from 1 without gaps, so a filtered answer can be proven complete. */
export const EntryPlacement = closed({
  at: Timestamp,
  /** Per actor id. */
  actorSeq: Version,
  /** Per object, in the order of `body.objects`. */
  objectSeqs: Type.Array(Version, { maxItems: 64 }),
});
export type EntryPlacement = Static<typeof EntryPlacement>;

/** Leaf data = canonical bytes of this. */
export const Entry = closed({ body: EntryBody, placement: EntryPlacement });
export type Entry = Static<typeof Entry>;

/**
 * One append message: all entries of one event-loop turn of one worker. The signature (Ed25519, by the worker's
 * certified key) is over SHA-256("strongroom/append/1" 0x00 SHA-256(body 1) SHA-256(body 2) …): an entry that no worker
 * signed is a forgery that anyone can see.
 */
export const AppendRequest = closed({
  worker: SignedStatement,
  bodies: Type.Array(EntryBody, { minItems: 1, maxItems: 256 }),
  signature: Signature,
});
export type AppendRequest = Static<typeof AppendRequest>;

export const Receipt = closed({
  index: Count,
  /** Place of the entry in the append message. */
  position: Count,
  placement: EntryPlacement,
  /** Audit path (RFC 6962 section 2.1.1) from the leaf to the batch root. */
  path: Type.Array(Bytes32, { maxItems: 16 }),
  /** Place of the leaf in its batch. */
  offset: Count,
});
export type Receipt = Static<typeof Receipt>;

/**
 * The writer's promise for one committed batch. The signature (Ed25519, by the receipt key of the epoch) is over
 * SHA-256("strongroom/receipt/1" 0x00 canonical({ epoch, first, count, root })).
 */
export const AppendReply = closed({
  receiptKey: SignedStatement,
  batches: Type.Array(
    closed({
      epoch: Version,
      first: Count,
      count: Version,
      root: Bytes32,
      signature: Signature,
      receipts: Type.Array(Receipt, { minItems: 1, maxItems: 256 }),
    }),
    { maxItems: 256 },
  ),
  /** Entries that were not taken because another body has their (actor, request id, phase). */
  replayed: Type.Array(Count, { maxItems: 256 }),
});
export type AppendReply = Static<typeof AppendReply>;

/** All given conditions hold at once. */
export const AuditFilter = closed({
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
  actor: Type.Optional(Text(200)),
  /** `<group>/<name>` of a key. */
  key: Type.Optional(Text(130)),
  /** `<group>/<name>` of a secret. */
  secret: Type.Optional(Text(130)),
  operation: Type.Optional(Text(64)),
  outcome: Type.Optional(EntryOutcome),
  requestId: Type.Optional(RequestId),
});
export type AuditFilter = Static<typeof AuditFilter>;

export const AuditQueryRequest = closed({
  filter: AuditFilter,
  limit: Type.Integer({ minimum: 1, maximum: 200 }),
  after: Type.Optional(Cursor),
  order: Type.Union([Type.Literal('newest-first'), Type.Literal('oldest-first')]),
});
export type AuditQueryRequest = Static<typeof AuditQueryRequest>;
export const IndexedEntry = closed({ index: Count, entry: Entry });
export type IndexedEntry = Static<typeof IndexedEntry>;
export const AuditQueryReply = closed({
  entries: Type.Array(IndexedEntry, { maxItems: 200 }),
  next: Type.Optional(Cursor),
  /** No matching entry below `size` is missing from the pages up to here. */
  complete: Type.Boolean(),
  /** Tree size that the answer was computed at. */
  size: Count,
  /** Size of the newest signed checkpoint. */
  checkpointSize: Count,
});
export type AuditQueryReply = Static<typeof AuditQueryReply>;

/**
 * A page of an export. Pages of one export share the checkpoint of the first. Every entry comes with its inclusion
 * proof to that checkpoint and the append message it came in, so that each can be verified alone and offline.
 */
export const AuditExportRequest = closed({
  filter: AuditFilter,
  limit: Type.Integer({ minimum: 1, maximum: 200 }),
  after: Type.Optional(Cursor),
  /** Size of the checkpoint that the first page named. */
  checkpointSize: Type.Optional(Count),
});
export type AuditExportRequest = Static<typeof AuditExportRequest>;
export const ExportedEntry = closed({
  index: Count,
  /** Canonical bytes: the leaf data. */
  entry: Bytes(65_535),
  proof: Type.Array(Bytes32, { maxItems: 63 }),
  /** Which append message of `appends` signed it, and its place there. */
  append: Count,
  offset: Count,
});
export type ExportedEntry = Static<typeof ExportedEntry>;
export const ExportedAppend = closed({
  id: Count,
  worker: SignedStatement,
  bodyHashes: Type.Array(Bytes32, { minItems: 1, maxItems: 256 }),
  signature: Signature,
});
export type ExportedAppend = Static<typeof ExportedAppend>;
export const AuditExportReply = closed({
  /** C2SP signed note. */
  checkpoint: Text(4_096),
  checkpointSize: Count,
  /** Certificate of the log key by the identity key. */
  logKey: SignedStatement,
  entries: Type.Array(ExportedEntry, { maxItems: 200 }),
  appends: Type.Array(ExportedAppend, { maxItems: 200 }),
  next: Type.Optional(Cursor),
});
export type AuditExportReply = Static<typeof AuditExportReply>;

// Requests of the audit service to the witnessing worker.

/**
 * Asks for a certificate of the receipt key of a new epoch. The signature is by the audit service's own key, which the
 * governance root names, over SHA-256("strongroom/certify/1" 0x00 canonical({ epoch, publicKey })).
 */
export const CertifyRequest = closed({ epoch: Version, publicKey: Bytes32, signature: Signature });
export type CertifyRequest = Static<typeof CertifyRequest>;
export const CertifyReply = closed({ receiptKey: SignedStatement });
export type CertifyReply = Static<typeof CertifyReply>;

/** Asks for a signature on the tree of `size`; `proof` is the RFC 6962 consistency proof from the last signed size. */
export const WitnessRequest = closed({
  previousSize: Count,
  size: Count,
  root: Bytes32,
  proof: Type.Array(Bytes32, { maxItems: 126 }),
});
export type WitnessRequest = Static<typeof WitnessRequest>;
export const WitnessReply = Type.Union([
  closed({ status: Type.Literal('signed'), note: Text(4_096), logKey: SignedStatement }),
  /** The last signed size is another than `previousSize`; ask again from there. */
  closed({ status: Type.Literal('stale'), size: Count }),
]);
export type WitnessReply = Static<typeof WitnessReply>;
