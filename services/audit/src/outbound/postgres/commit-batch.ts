/**
 * One batch as one statement: the compare-and-swap on the writer's row and every insert behind it. One round trip, one
 * flush, no transaction to leave open; if the swap finds another epoch or size, the inserts insert nothing.
 *
 * Leaves and their hashes travel as one value each, cut up by the server (measured: a third more entries a second than
 * arrays of bytea, which the driver writes out in hex).
 */
import { createHash } from 'node:crypto';
import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { NewAppend, NewBatch } from '../../domain/batch.ts';
import { phaseNumbers } from './schema.ts';

const hashBytes = 32;

export const commitStatement = `
WITH moved AS (
  UPDATE writer SET size = $3 WHERE epoch = $1 AND size = $2::bigint RETURNING 1
), entries AS (
  INSERT INTO entry (index, at, actor, actor_seq, request_id, phase, operation, outcome, cluster, namespace, append,
    append_offset, leaf_hash, leaf)
  SELECT $2::bigint + place - 1, $4::timestamptz, actor, actor_seq, request_id, phase, operation, outcome, cluster, namespace,
    append, append_offset, substring($14::bytea FROM (place::integer - 1) * ${hashBytes} + 1 FOR ${hashBytes}),
    substring($15::bytea FROM leaf_from + 1 FOR leaf_bytes)
  FROM moved, unnest($5::text[], $6::integer[], $7::uuid[], $8::smallint[], $9::text[], $10::text[], $11::bigint[],
    $12::smallint[], $13::integer[], $16::integer[], $29::text[], $30::text[]) WITH ORDINALITY AS new (actor, actor_seq,
    request_id, phase, operation, outcome, append, append_offset, leaf_bytes, leaf_from, cluster, namespace, place)
), objects AS (
  INSERT INTO entry_object (object, index, seq)
  SELECT new.* FROM moved, unnest($17::text[], $18::bigint[], $19::integer[]) AS new
), worker_keys AS (
  INSERT INTO worker_key (hash, signed)
  SELECT new.* FROM moved, unnest($20::bytea[], $21::text[]) AS new ON CONFLICT DO NOTHING
), appends AS (
  INSERT INTO append (id, worker_key, body_hashes, signature)
  SELECT new.* FROM moved, unnest($22::bigint[], $23::bytea[], $24::bytea[], $25::bytea[]) AS new
), subtrees AS (
  INSERT INTO subtree (level, index, hash)
  SELECT new.* FROM moved, unnest($26::smallint[], $27::bigint[], $28::bytea[]) AS new
)
SELECT count(*)::integer AS moved FROM moved`;

/** In the order of the placeholders. */
export function commitValues(batch: NewBatch): unknown[] {
  const { epoch, first, at, entries, tileNodes } = batch;
  return [
    epoch,
    first,
    first + entries.length,
    at,
    entries.map(({ actor }) => actor),
    entries.map(({ actorSeq }) => actorSeq),
    entries.map(({ requestId }) => requestId),
    entries.map(({ phase }) => phaseNumbers[phase]),
    entries.map(({ operation }) => operation),
    entries.map(({ outcome }) => outcome),
    entries.map(({ append }) => append),
    entries.map(({ offset }) => offset),
    ...leafValues(batch),
    ...objectValues(batch),
    ...appendValues(batch.appends),
    tileNodes.map(({ level }) => level),
    tileNodes.map(({ index }) => index),
    tileNodes.map(({ hash }) => hash),
    entries.map(({ cluster }) => cluster ?? null),
    entries.map(({ namespace }) => namespace ?? null),
  ];
}

function leafValues({ entries }: NewBatch): unknown[] {
  const lengths = entries.map(({ leaf }) => leaf.length);
  let next = 0;
  const starts = lengths.map((length) => {
    const start = next;
    next += length;
    return start;
  });
  const hashes = Buffer.concat(entries.map(({ leafHash }) => leafHash));
  return [lengths, hashes, Buffer.concat(entries.map(({ leaf }) => leaf)), starts];
}

function objectValues({ first, entries }: NewBatch): unknown[] {
  const rows = entries.flatMap(({ objects }, at) =>
    [...objects].map(([object, seq]) => ({ object, index: first + at, seq })),
  );
  return [rows.map(({ object }) => object), rows.map(({ index }) => index), rows.map(({ seq }) => seq)];
}

function appendValues(appends: readonly NewAppend[]): unknown[] {
  const texts = appends.map(({ worker }) => canonicalText(worker as unknown as CanonicalValue));
  const hashes = texts.map((text) => createHash('sha256').update(text, 'utf8').digest());
  const distinct = [...new Set(texts)];
  return [
    distinct.map((text) => hashes[texts.indexOf(text)]),
    distinct,
    appends.map(({ id }) => id),
    hashes,
    appends.map(({ bodyHashes }) => bodyHashes),
    appends.map(({ signature }) => signature),
  ];
}
