/** Reading the log: search, and export with proofs that can be verified with no network. */
import { type Static, Type } from 'typebox';
import {
  AskedName,
  Bytes,
  Bytes32,
  Count,
  Cursor,
  closed,
  Name,
  RequestId,
  Signature,
  Text,
  Timestamp,
} from '../fields.ts';
import { CountedSubject, Entry, EntryOutcome } from './entry.ts';
import { SignedStatement } from './statement.ts';

const conditions = {
  /** Id of a principal; `app:*` is every one that begins so. */
  actor: Type.Optional(AskedName(200)),
  /** `<group>/<name>` of a key. */
  key: Type.Optional(AskedName(130)),
  /** `<group>/<name>` of a secret. */
  secret: Type.Optional(AskedName(130)),
  /** Name of an operation; `key.*` is every one that begins so. */
  operation: Type.Optional(AskedName(64)),
  outcome: Type.Optional(EntryOutcome),
  requestId: Type.Optional(RequestId),
  /** Where a workload asked from. */
  cluster: Type.Optional(Name),
  namespace: Type.Optional(AskedName(63)),
};

/** All given conditions hold at once. */
export const AuditConditions = Type.Object(conditions, { additionalProperties: false, minProperties: 1 });
export type AuditConditions = Static<typeof AuditConditions>;

/**
 * All given conditions hold at once, and so do all of one member of `anyOf` where it is given. There is no negation: what
 * an entry is not is found by no index. A condition of the filter itself must not be in a member again.
 */
export const AuditFilter = closed({
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
  ...conditions,
  anyOf: Type.Optional(Type.Array(AuditConditions, { minItems: 1, maxItems: 16 })),
});
export type AuditFilter = Static<typeof AuditFilter>;

export const AuditQueryRequest = closed({
  filter: AuditFilter,
  limit: Type.Integer({ minimum: 1, maximum: 200 }),
  after: Type.Optional(Cursor),
  order: Type.Union([Type.Literal('newest-first'), Type.Literal('oldest-first')]),
  /** Only entries from this index on: how a reader of the end goes on where an earlier answer had its `size`. */
  first: Type.Optional(Count),
});
export type AuditQueryRequest = Static<typeof AuditQueryRequest>;
/** Entries before this index are in the archive alone, which only exports read: no answer is complete before it. */
export const HeldFrom = Count;
export const IndexedEntry = closed({ index: Count, entry: Entry });
export type IndexedEntry = Static<typeof IndexedEntry>;
export const AuditQueryReply = closed({
  entries: Type.Array(IndexedEntry, { maxItems: 200 }),
  next: Type.Optional(Cursor),
  /** Asked for in the other order it leads to the entries before this page; absent on an empty page. */
  previous: Type.Optional(Cursor),
  /** No matching entry below `size` is missing from the pages up to here. */
  complete: Type.Boolean(),
  /** Tree size that the answer was computed at. */
  size: Count,
  /** Size of the newest signed checkpoint. */
  checkpointSize: Count,
  heldFrom: HeldFrom,
});
export type AuditQueryReply = Static<typeof AuditQueryReply>;

export const AuditFacet = Type.Union([
  Type.Literal('actor'),
  Type.Literal('operation'),
  Type.Literal('outcome'),
  Type.Literal('cluster'),
  Type.Literal('namespace'),
]);
export type AuditFacet = Static<typeof AuditFacet>;

/** How many entries fit, by one property of theirs. */
export const AuditCountRequest = closed({
  filter: AuditFilter,
  by: AuditFacet,
  limit: Type.Integer({ minimum: 1, maximum: 200 }),
});
export type AuditCountRequest = Static<typeof AuditCountRequest>;
export const AuditCountReply = closed({
  /** The most frequent values. Entries without the property have none. */
  counts: Type.Array(closed({ value: Text(200), count: Count }), { maxItems: 200 }),
  /** Entries that fit, whatever their value and whether it is listed. */
  total: Count,
  /** Whether all entries that the filter spans were counted. If not, those from `first` on were: ask for a shorter time. */
  complete: Type.Boolean(),
  /** Index of the first entry that was looked at. */
  first: Count,
  size: Count,
  checkpointSize: Count,
  heldFrom: HeldFrom,
});
export type AuditCountReply = Static<typeof AuditCountReply>;

/**
 * A roll call: an entry of its own that says how many entries a subject has by now. Together with an export of the
 * subject's entries and of this one it proves that none is left out, up to the place of the roll call.
 */
export const AuditRollCallRequest = closed({ subject: CountedSubject });
export type AuditRollCallRequest = Static<typeof AuditRollCallRequest>;
export const AuditRollCallReply = closed({
  /** What to export: the entries of the subject, and the roll call of this request. */
  filter: AuditFilter,
});
export type AuditRollCallReply = Static<typeof AuditRollCallReply>;

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
  /** Only entries from this index on. */
  first: Type.Optional(Count),
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
  /** C2SP tlog-cosignature lines that witnesses have added to it so far. */
  cosignatures: Type.Optional(Type.Array(Text(512), { maxItems: 16 })),
  checkpointSize: Count,
  /** Certificate of the log key by the identity key. */
  logKey: SignedStatement,
  entries: Type.Array(ExportedEntry, { maxItems: 200 }),
  appends: Type.Array(ExportedAppend, { maxItems: 200 }),
  next: Type.Optional(Cursor),
});
export type AuditExportReply = Static<typeof AuditExportReply>;
