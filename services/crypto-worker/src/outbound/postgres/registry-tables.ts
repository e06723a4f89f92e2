/** The tables of schema `registry`, as queries see them. `registry-migrations.ts` says what each is for. */
import type { OutboxSchema } from '@strongroom/database';
import type { ColumnType, Generated } from 'kysely';
import type { RecordKind } from '../../domain/record.ts';

type Bytes = ColumnType<Buffer, Uint8Array, Uint8Array>;

export interface HeadTable {
  readonly singleton: Generated<boolean>;
  readonly sequence: number;
  readonly root: Bytes;
  readonly previous: Bytes;
  readonly mac: Bytes;
  readonly pages: Bytes;
}

export interface RegistryTables extends OutboxSchema {
  readonly head: HeadTable;
  readonly link: { readonly sequence: number; readonly root: Bytes };
  readonly page: { readonly number: number; readonly sequence: number; readonly hashes: Bytes };
  readonly bucket: { readonly number: number; readonly sequence: number; readonly entries: Bytes };
  readonly record: {
    readonly kind: RecordKind;
    readonly id: string;
    readonly version: number;
    readonly value: Bytes;
    readonly mac: Bytes;
  };
  readonly reader: { readonly name: string; readonly seen_at: Date };
  readonly outcome: {
    readonly actor: string;
    readonly request_id: string;
    readonly request_hash: string;
    readonly expires_at: Date;
    readonly sealed_reply: Bytes;
  };
  readonly intent: {
    readonly actor: string;
    readonly request_id: string;
    readonly operation: string;
    readonly request_hash: string;
    readonly worker: string;
    readonly opened_at: string;
    readonly body: Bytes;
    readonly mac: Bytes;
  };
}
