/** Reads rows of records. What they say is for `openRecord` to judge. */
import type { Kysely } from 'kysely';
import type { RecordKind } from '../../domain/record.ts';
import type { RecordRow } from '../../domain/registry/record-body.ts';
import { type RecordName, recordName } from '../../domain/registry/record-name.ts';
import type { RegistryTables } from './registry-tables.ts';

export interface RecordReference {
  readonly kind: RecordKind;
  readonly id: string;
}

export type RecordRows = ReadonlyMap<RecordName, RecordRow>;

export async function readRows(
  database: Kysely<RegistryTables>,
  references: readonly RecordReference[],
): Promise<RecordRows> {
  if (references.length === 0) return new Map();
  const rows = await database
    .selectFrom('record')
    .select(['kind', 'id', 'version', 'value', 'mac'])
    .where((row) =>
      row(
        row.refTuple('kind', 'id'),
        'in',
        references.map(({ kind, id }) => row.tuple(kind, id)),
      ),
    )
    .execute();
  return new Map(
    rows.map(({ kind, id, version, value, mac }) => [recordName(kind, id), { version, body: value, mac }]),
  );
}
