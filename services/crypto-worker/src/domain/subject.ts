/**
 * The object of an operation as its row in the catalogue names it: the record that it is, its state as an approval binds
 * it, and the policy that guards it.
 */
import { createHash } from 'node:crypto';
import { type CanonicalValue, canonicalBytes, encodeBytes } from '@strongroom/canonical';
import type { IntentSubject, ObjectReference } from '@strongroom/contracts';
import type { RecordKind, RecordValue } from './record.ts';

export type Params = Readonly<Record<string, unknown>>;

export interface ObjectName {
  readonly kind: ObjectReference['kind'];
  readonly group?: string;
  readonly name?: string;
}

/** Only for parameters that fit the schema of the row. */
export function objectOf({ kind, group, name }: ObjectReference, params: Params): ObjectName {
  return {
    kind,
    ...(group === undefined ? {} : { group: params[group] as string }),
    ...(name === undefined ? {} : { name: params[name] as string }),
  };
}

/** Kind and id of the record behind an object; `undefined` for a collection and for what is no record. */
export function recordOf({ kind, group, name }: ObjectName): { kind: RecordKind; id: string } | undefined {
  if (name === undefined || kind === 'proposal' || kind === 'log' || kind === 'system') return undefined;
  return { kind, id: group === undefined ? name : `${group}/${name}` };
}

/** Version 0 and the hash of nothing stand for an object that does not exist yet. */
export function subjectOf(
  object: ObjectName,
  record: { readonly version: number; readonly value: RecordValue<RecordKind> } | undefined,
): IntentSubject {
  const state = record && canonicalBytes(record.value as unknown as CanonicalValue);
  const stateHash = encodeBytes(
    createHash('sha256')
      .update(state ?? '')
      .digest(),
  );
  return { ...object, version: record?.version ?? 0, stateHash };
}

const guardableKinds: ReadonlySet<RecordKind> = new Set(['key', 'secret', 'group', 'sink', 'retention']);

/** Name of the policy that a record says it is guarded by. */
export function policyNameOf(
  kind: RecordKind,
  value: RecordValue<RecordKind> | undefined,
): string | undefined {
  return guardableKinds.has(kind) ? (value as { readonly policy?: string } | undefined)?.policy : undefined;
}
