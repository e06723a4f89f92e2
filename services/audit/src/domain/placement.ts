/**
 * Sequence numbers: every actor and every object counts its own entries from 1 without gaps, so a filtered answer can be
 * proven complete. Numbers are taken for a batch and become real only when the batch is committed.
 */
import type { EntryBody, EntryObject, EntryPlacement } from '@strongroom/contracts';

/** `key default/kms`; one text for one object. */
export function objectKey(object: EntryObject): string {
  const name = [object.group, object.name].filter((part) => part !== undefined).join('/');
  return `${object.kind} ${name}`;
}

export const actorKey = (body: EntryBody): string => `actor ${body.actor.id}`;

/** Every counter that the entry advances, the actor's first. */
export const counterKeys = (body: EntryBody): readonly string[] => [
  actorKey(body),
  ...body.objects.map(objectKey),
];

export class SequenceDraft {
  readonly #committed: ReadonlyMap<string, number>;
  readonly #taken = new Map<string, number>();

  /** `committed` holds the last number of every counter that the batch will ask for. */
  constructor(committed: ReadonlyMap<string, number>) {
    this.#committed = committed;
  }

  place(body: EntryBody, at: string): EntryPlacement {
    return {
      at,
      actorSeq: this.#next(actorKey(body)),
      objectSeqs: body.objects.map((object) => this.#next(objectKey(object))),
    };
  }

  /** Last number of each counter that was advanced. */
  get taken(): ReadonlyMap<string, number> {
    return this.#taken;
  }

  #next(key: string): number {
    const last = this.#taken.get(key) ?? this.#committed.get(key);
    if (last === undefined) throw new RangeError('the counter was not loaded');
    this.#taken.set(key, last + 1);
    return last + 1;
  }
}
