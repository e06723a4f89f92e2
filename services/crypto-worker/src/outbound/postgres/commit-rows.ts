/**
 * Writes what a commit planned, in one statement: other workers wait for the lock on the head, and each further question
 * would make them wait a round trip longer.
 */
import { type Kysely, sql } from 'kysely';
import type { CommitPlan } from '../../domain/registry/commit-plan.ts';
import type { RegistryTables } from './registry-tables.ts';

export async function writePlan(transaction: Kysely<RegistryTables>, plan: CommitPlan): Promise<void> {
  const { head, rows, removed, buckets, pages } = plan;
  await sql`
    WITH written AS (
      INSERT INTO record (kind, id, version, value, mac)
      SELECT * FROM unnest(
        ${rows.map(({ kind }) => kind)}::text[],
        ${rows.map(({ id }) => id)}::text[],
        ${rows.map(({ version }) => version)}::integer[],
        ${rows.map(({ body }) => body)}::bytea[],
        ${rows.map(({ mac }) => mac)}::bytea[])
      ON CONFLICT (kind, id) DO UPDATE
      SET version = excluded.version, value = excluded.value, mac = excluded.mac
    ), removed AS (
      DELETE FROM record USING unnest(
        ${removed.map(({ kind }) => kind)}::text[],
        ${removed.map(({ id }) => id)}::text[]) AS gone (kind, id)
      WHERE record.kind = gone.kind AND record.id = gone.id
    ), changed_buckets AS (
      INSERT INTO bucket (sequence, number, entries)
      SELECT ${head.sequence}::bigint, * FROM unnest(
        ${[...buckets.keys()]}::integer[],
        ${[...buckets.values()]}::bytea[])
      ON CONFLICT (number) DO UPDATE SET sequence = excluded.sequence, entries = excluded.entries
    ), changed_pages AS (
      INSERT INTO page (sequence, number, hashes)
      SELECT ${head.sequence}::bigint, * FROM unnest(
        ${[...pages.keys()]}::integer[],
        ${[...pages.values()]}::bytea[])
      ON CONFLICT (number) DO UPDATE SET sequence = excluded.sequence, hashes = excluded.hashes
    ), linked AS (
      INSERT INTO link (sequence, root) VALUES (${head.sequence}, ${head.root})
    )
    UPDATE head SET
      sequence = ${head.sequence}, root = ${head.root}, previous = ${head.previous},
      mac = ${head.mac}, pages = ${head.pages}
  `.execute(transaction);
}
