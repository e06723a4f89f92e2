/**
 * For how long PostgreSQL holds the log. What is older is dropped from there once it is archived and cosigned; it stays in the
 * archive, and in the tree.
 */
import { type Static, Type } from 'typebox';
import { Count, closed } from '../fields.ts';

/** A message of a worker is refused long before: no request id can come back after its entry has left the database. */
const daysMin = 30;
/** Keeps everything, for all that anybody can tell. */
const daysMax = 36_500;

export const RetentionDays = Type.Integer({ minimum: daysMin, maximum: daysMax });

export const RetentionPlanRequest = closed({ days: RetentionDays });
export type RetentionPlanRequest = Static<typeof RetentionPlanRequest>;

export const RetentionPlanReply = closed({
  /** Entries before this index are in the archive alone already. */
  heldFrom: Count,
  /** Entries before this index would be. */
  wouldHoldFrom: Count,
  /** First entry that is not older than the days; behind `wouldHoldFrom` it waits for archive or witnesses. */
  agedSize: Count,
  /** Entries that the archive says it has; 0 where the service has none. */
  archivedSize: Count,
  /** Size of the newest checkpoint with all the cosignatures it needs; 0 where policy needs none: then nothing is dropped. */
  cosignedSize: Count,
  size: Count,
});
export type RetentionPlanReply = Static<typeof RetentionPlanReply>;
