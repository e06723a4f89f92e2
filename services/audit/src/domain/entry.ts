/**
 * One entry and its leaf. The leaf data is the canonical bytes of `{ body, placement }`; it is put together from the text
 * of the body, because that text is also what the worker signed and so is made anyway.
 */
import { hash } from 'node:crypto';
import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { EntryBody, EntryPlacement } from '@strongroom/contracts';
import { objectName, subjectCounted, subjectOfActor, subjectOfObject } from './subject.ts';

/** C2SP tlog-tiles: the length of an entry is written in 16 bits. */
const leafBytesMax = 65_535;
/** Time, a number for the actor and for each of 64 objects, and the names of the members. */
const placementBytesMax = 1_024;
export const bodyBytesMax = leafBytesMax - placementBytesMax;

export interface PreparedBody {
  readonly body: EntryBody;
  /** Canonical text. */
  readonly text: string;
  /** SHA-256 of the canonical bytes: what the worker signed. */
  readonly hash: Uint8Array;
  /** (actor, request id, phase): unique in the log for ever. */
  readonly key: string;
  readonly actor: string;
  /** In the order of `body.objects`; the same object may be there more than once. */
  readonly objects: readonly string[];
  /** The subject whose last number the entry states. */
  readonly counts: string | undefined;
}

export function prepareBody(body: EntryBody): PreparedBody {
  const text = canonicalText(body as unknown as CanonicalValue);
  return {
    body,
    text,
    hash: hash('sha256', text, 'buffer'),
    key: entryKey(body.actor.id, body.requestId, body.phase),
    actor: subjectOfActor(body.actor.id),
    objects: body.objects.map((object) => subjectOfObject(objectName(object))),
    counts: body.counts && subjectCounted(body.counts),
  };
}

/** Injective: none of the three parts can hold a space. */
export function entryKey(actor: string, requestId: string, phase: string): string {
  return `${actor} ${requestId} ${phase}`;
}

export function isTooLarge({ text }: PreparedBody): boolean {
  return Buffer.byteLength(text, 'utf8') > bodyBytesMax;
}

export function leafData(prepared: PreparedBody, placement: EntryPlacement): Uint8Array {
  return Buffer.from(
    `{"body":${prepared.text},"placement":${canonicalText(placement as unknown as CanonicalValue)}}`,
    'utf8',
  );
}

/** Whether the leaf holds exactly this body. */
export function isLeafOf(leaf: Uint8Array, { text }: PreparedBody): boolean {
  const start = Buffer.from(`{"body":${text},"placement":`, 'utf8');
  return Buffer.compare(leaf.subarray(0, start.length), start) === 0;
}

/** Of a leaf that this service wrote. */
export function placementOf(leaf: Uint8Array): EntryPlacement {
  return (JSON.parse(Buffer.from(leaf).toString('utf8')) as { readonly placement: EntryPlacement }).placement;
}
