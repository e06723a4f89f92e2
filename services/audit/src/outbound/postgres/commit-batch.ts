/**
 * One batch as one statement: the compare-and-swap on the writer's row and every insert behind it. One round trip, one
 * flush; if the swap finds another epoch or size, the inserts insert nothing.
 */
import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { NewBatch } from '../../domain/batch.ts';

export const commitStatement = `
WITH swapped AS (
  UPDATE writer SET size = $3 WHERE epoch = $1 AND size = $2 RETURNING 1
), entries AS (
  INSERT INTO entry (index, leaf, body_hash, at, actor, actor_seq, operation, outcome, phase, request_id, append, append_offset)
  SELECT new.* FROM unnest($4::bigint[], $5::bytea[], $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::text[],
    $11::text[], $12::text[], $13::uuid[], $14::bigint[], $15::integer[]) AS new
  WHERE EXISTS (SELECT FROM swapped)
), objects AS (
  INSERT INTO entry_object (object, index, seq)
  SELECT new.* FROM unnest($16::text[], $17::bigint[], $18::bigint[]) AS new WHERE EXISTS (SELECT FROM swapped)
), appends AS (
  INSERT INTO append (id, worker, body_hashes, signature)
  SELECT new.* FROM unnest($19::bigint[], $20::text[], $21::bytea[], $22::text[]) AS new WHERE EXISTS (SELECT FROM swapped)
), nodes AS (
  INSERT INTO node (level, index, hash)
  SELECT new.* FROM unnest($23::smallint[], $24::bigint[], $25::bytea[]) AS new WHERE EXISTS (SELECT FROM swapped)
)
SELECT count(*)::integer AS swapped FROM swapped`;

export function commitParameters({ epoch, first, entries, appends, nodes }: NewBatch): unknown[] {
  const objects = entries.flatMap(({ index, objects: own }) => own.map((object) => ({ ...object, index })));
  return [
    epoch,
    first,
    first + entries.length,
    entries.map(({ index }) => index),
    entries.map(({ leaf }) => leaf),
    entries.map(({ bodyHash }) => bodyHash),
    entries.map(({ at }) => at),
    entries.map(({ actor }) => actor),
    entries.map(({ actorSeq }) => actorSeq),
    entries.map(({ operation }) => operation),
    entries.map(({ outcome }) => outcome),
    entries.map(({ phase }) => phase),
    entries.map(({ requestId }) => requestId),
    entries.map(({ append }) => append),
    entries.map(({ offset }) => offset),
    objects.map(({ key }) => key),
    objects.map(({ index }) => index),
    objects.map(({ seq }) => seq),
    appends.map(({ id }) => id),
    appends.map(({ worker }) => canonicalText(worker as unknown as CanonicalValue)),
    appends.map(({ bodyHashes }) => bodyHashes),
    appends.map(({ signature }) => signature),
    nodes.map(({ level }) => level),
    nodes.map(({ index }) => index),
    nodes.map(({ hash }) => hash),
  ];
}
