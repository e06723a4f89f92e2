/** A record's bytes and the MAC that makes them this record at this version, and nothing else. */
import {
  type CanonicalValue,
  canonicalBytes,
  digestBytes,
  encodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import type { RecordKind, RecordValue } from '../record.ts';
import type { BucketEntry } from './bucket.ts';
import type { RegistrySeal } from './registry-seal.ts';

export interface RecordPlace {
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: number;
}

export function recordBody<Kind extends RecordKind>(value: RecordValue<Kind>): Uint8Array {
  return canonicalBytes(value as unknown as CanonicalValue);
}

export function recordMac(seal: RegistrySeal, place: RecordPlace, body: Uint8Array): Uint8Array {
  return seal.mac(digestDomain.registryRecord, macFields(place, body));
}

/** What a row of the database claims. */
export interface RecordRow {
  readonly version: number;
  readonly body: Uint8Array;
  readonly mac: Uint8Array;
}

/**
 * The value, where the row is the one that the dictionary's entry names; else `undefined`. It is frozen all through:
 * readers share it, and one that changed it would change what the others decide on.
 */
export function openRecord(
  seal: RegistrySeal,
  entry: BucketEntry,
  row: RecordRow | undefined,
): RecordValue<RecordKind> | undefined {
  if (row === undefined || row.version !== entry.version) return undefined;
  if (encodeBytes(row.mac) !== entry.mac) return undefined;
  if (!seal.verify(row.mac, digestDomain.registryRecord, macFields(entry, row.body))) return undefined;
  return freeze(
    parseCanonical(row.body, { bytesMax: row.body.length }),
  ) as unknown as RecordValue<RecordKind>;
}

function macFields({ kind, id, version }: RecordPlace, body: Uint8Array) {
  return { kind, id, version, valueHash: encodeBytes(digestBytes(digestDomain.registryValue, body)) };
}

function freeze(value: CanonicalValue): CanonicalValue {
  if (typeof value === 'object') {
    for (const member of Object.values(value)) if (member !== undefined) freeze(member);
    Object.freeze(value);
  }
  return value;
}
