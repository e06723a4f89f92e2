/** Reading the log: search, and export with proofs that can be verified with no network. */
import { type Static, Type } from 'typebox';
import { Bytes, Bytes32, Count, Cursor, closed, RequestId, Signature, Text, Timestamp } from '../fields.ts';
import { Entry, EntryOutcome } from './entry.ts';
import { SignedStatement } from './statement.ts';

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
