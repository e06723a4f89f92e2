/** One entry against the checkpoint and against the worker that signed it. Pure; answers with what is wrong. */
import { hash } from 'node:crypto';
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  decodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import { checkers, type Entry, type ExportedEntry, type WorkerKeyStatement } from '@strongroom/contracts';
import { type Checkpoint, leafHash, rootFromInclusion } from '@strongroom/merkle';
import type { CheckedAppend } from './check-append.ts';

/** What the clocks of worker and log may differ; the log takes appends by the same rule. */
const clockSkewMsMax = 60_000;

export function checkEntry(
  { index, entry, proof, offset }: ExportedEntry,
  checkpoint: Checkpoint,
  append: CheckedAppend | undefined,
): Entry | string {
  try {
    const leaf = decodeBytes(entry);
    const root = rootFromInclusion(leafHash(leaf), index, checkpoint.size, proof.map(decodeBytes));
    if (root === undefined || Buffer.compare(root, checkpoint.root) !== 0)
      return 'it is not in the signed tree';
    return checkSigned(leaf, append, offset);
  } catch (fault) {
    if (fault instanceof CanonicalError) return 'it is not canonical';
    throw fault;
  }
}

/** An entry of which the signed tree is known to hold the leaf. */
export function checkSigned(
  leaf: Uint8Array,
  append: CheckedAppend | undefined,
  offset: number,
): Entry | string {
  try {
    const value: unknown = parseCanonical(leaf);
    if (!checkers.entry.check(value)) return 'it does not fit the schema of an entry';
    if (value.placement.objectSeqs.length !== value.body.objects.length)
      return 'it lacks numbers of its objects';
    if (append === undefined) return 'the bundle lacks the append message that it came in';
    return append.problem ?? problemOfSigner(value, append, offset) ?? value;
  } catch (fault) {
    if (fault instanceof CanonicalError) return 'it is not canonical';
    throw fault;
  }
}

function problemOfSigner(
  { body, placement }: Entry,
  append: CheckedAppend,
  offset: number,
): string | undefined {
  const signed = hash('sha256', canonicalBytes(body as unknown as CanonicalValue), 'base64url');
  if (append.bodyHashes[offset] !== signed) return 'no worker signed it';
  const worker = append.worker as WorkerKeyStatement;
  if (worker.worker !== body.worker) return 'it names another worker than the one that signed it';
  const atMs = Date.parse(placement.at);
  const isInForce =
    atMs >= Date.parse(worker.notBefore) - clockSkewMsMax &&
    atMs <= Date.parse(worker.notAfter) + clockSkewMsMax;
  return isInForce ? undefined : 'the key of its worker was not in force';
}
