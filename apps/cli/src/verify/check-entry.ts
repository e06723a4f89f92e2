/** One entry against the worker that signed it. Pure; answers with what is wrong. */
import { hash } from 'node:crypto';
import { CanonicalError, parseCanonical } from '@strongroom/canonical';
import { checkers, type Entry, type WorkerKeyStatement } from '@strongroom/contracts';
import type { CheckedAppend } from './check-append.ts';

/** What the clocks of worker and log may differ; the log takes appends by the same rule. */
const clockSkewMsMax = 60_000;

/** An entry, and the canonical text that is its leaf. */
export interface EntryText {
  readonly entry: Entry;
  readonly leaf: string;
}

/** The text says what is wrong with the leaf. */
export function openLeaf(leaf: Uint8Array): EntryText | string {
  try {
    const entry: unknown = parseCanonical(leaf);
    if (!checkers.entry.check(entry)) return 'it does not fit the schema of an entry';
    return { entry, leaf: Buffer.from(leaf).toString('utf8') };
  } catch (fault) {
    if (fault instanceof CanonicalError) return 'it is not canonical';
    throw fault;
  }
}

/** What is wrong, if anything. */
export function problemOfEntry(
  { entry: { body, placement }, leaf }: EntryText,
  append: CheckedAppend | undefined,
  offset: number,
): string | undefined {
  if (placement.objectSeqs.length !== body.objects.length) return 'it lacks numbers of its objects';
  if (append === undefined) return 'the bundle lacks the append message that it came in';
  if (append.problem !== undefined) return append.problem;
  if (append.bodyHashes[offset] !== hash('sha256', bodyText(leaf), 'base64url')) return 'no worker signed it';
  const worker = append.worker as WorkerKeyStatement;
  if (worker.worker !== body.worker) return 'it names another worker than the one that signed it';
  const atMs = Date.parse(placement.at);
  const isInForce =
    atMs >= Date.parse(worker.notBefore) - clockSkewMsMax &&
    atMs <= Date.parse(worker.notAfter) + clockSkewMsMax;
  return isInForce ? undefined : 'the key of its worker was not in force';
}

/** A placement holds no text but a time, so these characters are in it no second time; writing the body again takes longer. */
const bodyText = (leaf: string): string => leaf.slice('{"body":'.length, leaf.lastIndexOf(',"placement":{'));
