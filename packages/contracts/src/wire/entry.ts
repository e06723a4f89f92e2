/**
 * The log on the wire. An entry has two parts: the body, made and signed by the crypto worker, and what the writer adds
 * (time, sequence numbers). The leaf of RFC 6962 is the canonical bytes of the whole entry; its index is its place.
 */
import { type Static, Type } from 'typebox';
import {
  AskedName,
  Bytes32,
  Count,
  closed,
  closedRecord,
  fieldNamePattern,
  Name,
  PrincipalId,
  RequestId,
  Text,
  Timestamp,
  Version,
} from '../fields.ts';

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
  Type.Literal('session'),
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

/** Whose entries are counted: an actor by its id, a key or a secret by `<group>/<name>`. */
export const CountedSubject = closed({
  kind: Type.Union([Type.Literal('actor'), Type.Literal('key'), Type.Literal('secret')]),
  name: AskedName(200),
});
export type CountedSubject = Static<typeof CountedSubject>;

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
  /**
   * HMAC-SHA256, under a key of the HSM, of the hash of the operation object without proof: the same for all entries of one
   * request, and no help to who tries values.
   */
  requestHash: Bytes32,
  /** opHash of the approval that allowed or awaits it. */
  approval: Type.Optional(Bytes32),
  approvers: Type.Optional(Type.Array(PrincipalId, { maxItems: 64 })),
  /** Asks the writer for the number that this subject has reached, which makes a list of its entries provably whole. */
  counts: Type.Optional(CountedSubject),
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
  /** Last number of the subject that the body counts, this entry included; 0 if it has none. Only there if it counts. */
  counted: Type.Optional(Count),
});
export type EntryPlacement = Static<typeof EntryPlacement>;

/** Leaf data = canonical bytes of this. */
export const Entry = closed({ body: EntryBody, placement: EntryPlacement });
export type Entry = Static<typeof Entry>;
