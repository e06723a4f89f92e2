/** What the worker needs of the log. */
import type {
  AuditCountReply,
  AuditCountRequest,
  AuditExportReply,
  AuditExportRequest,
  AuditQueryReply,
  AuditQueryRequest,
  EntryBody,
  RetentionPlanReply,
  RetentionPlanRequest,
} from '@strongroom/contracts';

export interface AuditLog {
  /**
   * Returns the index of the entry once the writer's receipt for it has been checked: leaf recomputed, path to the
   * batch root, signature of the receipt key, its certificate, an epoch no older than the newest one seen (I4). Throws
   * `audit-unavailable` within 250 ms of silence, `receipt-invalid`, or `request-replayed` when another body holds its
   * (actor, request id, phase).
   */
  append(body: EntryBody): Promise<number>;
  query(request: AuditQueryRequest): Promise<AuditQueryReply>;
  count(request: AuditCountRequest): Promise<AuditCountReply>;
  export(request: AuditExportRequest): Promise<AuditExportReply>;
  planRetention(request: RetentionPlanRequest): Promise<RetentionPlanReply>;
}
