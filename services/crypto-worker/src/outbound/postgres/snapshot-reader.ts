/**
 * Reads one moment of the database. The transaction must show one moment to all its statements, or hold the lock on the
 * head: else a commit in between would look like tampering.
 */
import type { Kysely } from 'kysely';
import type { Gaps } from '../../domain/registry/dictionary.ts';
import type { HeadReference } from '../../domain/registry/head.ts';
import type { Snapshot, StoredHead } from '../../domain/registry/snapshot.ts';
import type { RegistryTables } from './registry-tables.ts';

/** `everything`: at start. Else what changed since the known head, and what was missing. */
export type Asked = 'everything' | Gaps;

/**
 * The column `sequence` of pages and buckets is a hint that saves reading all of them. It is as untrusted as the rest:
 * what it hides is missing from the snapshot, leaves a gap in the dictionary and is asked for by number.
 */
export async function readSnapshot(
  transaction: Kysely<RegistryTables>,
  since: HeadReference,
  asked: Asked,
): Promise<Snapshot> {
  const head = await transaction
    .selectFrom('head')
    .select(['sequence', 'root', 'previous', 'mac', 'pages'])
    .executeTakeFirst();
  const links = await transaction
    .selectFrom('link')
    .select(['sequence', 'root'])
    .where('sequence', '>', since.sequence)
    .orderBy('sequence')
    .execute();
  const pages = await changedPages(transaction, since, asked).execute();
  const buckets = await changedBuckets(transaction, since, asked).execute();
  return {
    head,
    links,
    pages: new Map(pages.map(({ number, hashes }) => [number, hashes])),
    buckets: new Map(buckets.map(({ number, entries }) => [number, entries])),
  };
}

/** Only what names the head, for a look that usually finds it unchanged. */
export type HeadGlance = Omit<StoredHead, 'pages'>;

export async function glanceAtHead(
  database: Kysely<RegistryTables>,
  lock: 'for update' | 'no lock',
): Promise<HeadGlance | undefined> {
  const query = database.selectFrom('head').select(['sequence', 'root', 'previous', 'mac']);
  return (lock === 'for update' ? query.forUpdate() : query).executeTakeFirst();
}

function changedPages(transaction: Kysely<RegistryTables>, since: HeadReference, asked: Asked) {
  const all = transaction.selectFrom('page').select(['number', 'hashes']);
  if (asked === 'everything') return all;
  return all.where((row) =>
    row.or([row('sequence', '>', since.sequence), row('number', '=', row.fn.any(row.val([...asked.pages])))]),
  );
}

function changedBuckets(transaction: Kysely<RegistryTables>, since: HeadReference, asked: Asked) {
  const all = transaction.selectFrom('bucket').select(['number', 'entries']);
  if (asked === 'everything') return all;
  return all.where((row) =>
    row.or([
      row('sequence', '>', since.sequence),
      row('number', '=', row.fn.any(row.val([...asked.buckets]))),
    ]),
  );
}
