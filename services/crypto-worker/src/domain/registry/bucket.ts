/**
 * A bucket lists what is true of every record whose name falls into it: version and MAC, or that it was removed. Its
 * hash is a leaf of the dictionary's tree, so the list is as trustworthy as the root, and a name that is not on it is
 * proven absent.
 *
 * A removed record leaves its entry with the version counted on. Without it a record made again under the old name
 * would start at version 1, and an approval or a decision bound to the first version 1 would fit the new one.
 */
import { canonicalBytes, digestBytes, parseCanonical } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import type { RecordKind } from '../record.ts';
import { type RecordName, recordName } from './record-name.ts';

export interface BucketEntry {
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: number;
  /** Base64url of the record's MAC; `undefined`: removed at this version. */
  readonly mac: string | undefined;
}

export function entryName(entry: BucketEntry): RecordName {
  return recordName(entry.kind, entry.id);
}

type EntryTuple =
  | readonly [kind: RecordKind, id: string, version: number, mac: string]
  | readonly [kind: RecordKind, id: string, version: number];

/** Canonical: sorted by name, so that one set of entries has one hash, whatever the order of the changes. */
export function encodeBucket(entries: readonly BucketEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => (entryName(a) < entryName(b) ? -1 : 1));
  return canonicalBytes(sorted.map(toTuple));
}

/** Only for bytes whose hash was found to be the one in the tree: what a worker wrote has this shape. */
export function decodeBucket(bytes: Uint8Array): readonly BucketEntry[] {
  const tuples = parseCanonical(bytes, { bytesMax: Number.POSITIVE_INFINITY }) as readonly EntryTuple[];
  return tuples.map(([kind, id, version, mac]) => ({ kind, id, version, mac }));
}

/** Leaf of the dictionary's tree. The place of the leaf binds the bucket's number. */
export function bucketHash(bytes: Uint8Array): Uint8Array {
  return digestBytes(digestDomain.registryBucket, bytes);
}

export const emptyBucketHash: Uint8Array = bucketHash(encodeBucket([]));

function toTuple({ kind, id, version, mac }: BucketEntry): EntryTuple {
  return mac === undefined ? [kind, id, version] : [kind, id, version, mac];
}
