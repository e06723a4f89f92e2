/**
 * What the one log entry of a batch says about each of its items. The entry names the root of a small tree, RFC 6962 with
 * salted leaves, one leaf an item: so the log shows nothing of what was encrypted or signed, and whoever was given the reply
 * can prove the use of any one item alone, to anybody who has the entry, without showing the others.
 */
import {
  CanonicalError,
  type CanonicalValue,
  canonicalText,
  decodeBytes,
  encodeBytes,
} from '@strongroom/canonical';
import type { EntryBody, ItemProof } from '@strongroom/contracts';
import { inclusionPath, rootFromInclusion, rootHash, saltedLeafHash, saltsFrom } from '@strongroom/merkle';

/** What was asked of each item, in order, and what came of it. */
export interface BatchItems {
  readonly requests: readonly object[];
  readonly results: readonly object[];
}

/** Root over all items. `seed`: 32 secret bytes that the caller gets with the reply. */
export function itemsRoot(seed: Uint8Array, items: BatchItems): Uint8Array {
  return rootHash(leavesOf(saltsFrom(seed, items.requests.length), items));
}

export interface ProvenBatch extends BatchItems {
  readonly operation: string;
  /** Index of the batch's entry in the log. */
  readonly entry: number;
  /** Base64url, from the reply. */
  readonly seed: string;
}

/** Throws `RangeError` for an index outside of the batch. */
export function proveItem(batch: ProvenBatch, index: number): ItemProof {
  const { entry, operation, requests, results, seed } = batch;
  const salts = saltsFrom(decodeBytes(seed), requests.length);
  const path = inclusionPath(index, leavesOf(salts, batch)).map(encodeBytes);
  return {
    v: 1,
    entry,
    operation,
    index,
    count: requests.length,
    salt: salts[index] as string,
    path,
    request: { ...requests[index] },
    result: { ...results[index] },
  };
}

/**
 * Whether the item was part of the batch that this entry records. That the entry is in the log is another question, which its
 * receipt or an export answers. Never throws for a proof that fits its schema.
 */
export function verifyItem(
  proof: ItemProof,
  entry: Pick<EntryBody, 'operation' | 'outcome' | 'reply'>,
): boolean {
  const { operation, outcome, reply } = entry;
  if (outcome !== 'done' || operation !== proof.operation) return false;
  const root = rootOf(proof);
  // Plain values are in the log as canonical JSON text.
  return (
    root !== undefined &&
    reply['count'] === String(proof.count) &&
    reply['root'] === JSON.stringify(encodeBytes(root))
  );
}

function rootOf({ index, count, path, salt, request, result }: ItemProof): Uint8Array | undefined {
  try {
    const leaf = leafOf(salt, request, result);
    return rootFromInclusion(leaf, index, count, path.map(decodeBytes));
  } catch (fault) {
    if (fault instanceof CanonicalError || fault instanceof RangeError) return undefined;
    throw fault;
  }
}

function leavesOf(salts: readonly string[], { requests, results }: BatchItems): readonly Uint8Array[] {
  if (requests.length !== results.length) throw new RangeError('each item has one result');
  return salts.map((salt, index) => leafOf(salt, requests[index] as object, results[index] as object));
}

function leafOf(salt: string, request: object, result: object): Uint8Array {
  return saltedLeafHash(salt, canonicalText({ request, result } as unknown as CanonicalValue));
}
