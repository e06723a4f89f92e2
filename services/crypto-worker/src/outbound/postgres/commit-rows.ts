/** Writes what a commit planned. */
import type { Kysely } from 'kysely';
import type { CommitPlan } from '../../domain/registry/commit-plan.ts';
import type { RegistryTables } from './registry-tables.ts';

export async function writePlan(transaction: Kysely<RegistryTables>, plan: CommitPlan): Promise<void> {
  await writeRecords(transaction, plan);
  await writeDictionary(transaction, plan);
}

async function writeRecords(
  transaction: Kysely<RegistryTables>,
  { rows, removed }: CommitPlan,
): Promise<void> {
  if (rows.length > 0)
    await transaction
      .insertInto('record')
      .values(rows.map(({ body, ...row }) => ({ ...row, value: body })))
      .onConflict((conflict) =>
        conflict.columns(['kind', 'id']).doUpdateSet((row) => ({
          version: row.ref('excluded.version'),
          value: row.ref('excluded.value'),
          mac: row.ref('excluded.mac'),
        })),
      )
      .execute();
  for (const { kind, id } of removed)
    await transaction.deleteFrom('record').where('kind', '=', kind).where('id', '=', id).execute();
}

async function writeDictionary(
  transaction: Kysely<RegistryTables>,
  { head, pages, buckets }: CommitPlan,
): Promise<void> {
  const { sequence } = head;
  if (buckets.size > 0) {
    await transaction
      .insertInto('bucket')
      .values([...buckets].map(([number, entries]) => ({ number, sequence, entries })))
      .onConflict((conflict) =>
        conflict.column('number').doUpdateSet((row) => ({
          sequence: row.ref('excluded.sequence'),
          entries: row.ref('excluded.entries'),
        })),
      )
      .execute();
    await transaction
      .insertInto('page')
      .values([...pages].map(([number, hashes]) => ({ number, sequence, hashes })))
      .onConflict((conflict) =>
        conflict.column('number').doUpdateSet((row) => ({
          sequence: row.ref('excluded.sequence'),
          hashes: row.ref('excluded.hashes'),
        })),
      )
      .execute();
  }
  await transaction.insertInto('link').values({ sequence, root: head.root }).execute();
  await transaction
    .updateTable('head')
    .set({ sequence, root: head.root, previous: head.previous, mac: head.mac, pages: head.pages })
    .execute();
}
