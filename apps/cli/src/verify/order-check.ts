/**
 * The writer's own numbers: indexes and time go on, and every actor and object counts its entries from 1 without gaps. A
 * writer that counted wrongly could otherwise show each reader a gapless history of its choice.
 */
import type { Entry } from '@strongroom/contracts';

/** Beyond this the oldest are forgotten: a bundle must not decide how much memory its reader takes. */
const subjectsMax = 500_000;

interface Counted {
  readonly index: number;
  readonly number: number;
}

export class OrderCheck {
  #lastIndex = -1;
  #lastAt = '';
  /** Where the unbroken run of indexes begins that the last entry is part of. */
  #runStart = 0;
  readonly #last = new Map<string, Counted>();

  /** What is wrong, if anything. */
  add(index: number, { body, placement }: Entry): string | undefined {
    if (index <= this.#lastIndex) return 'it is not in the order of the log';
    if (placement.at < this.#lastAt) return 'it is earlier than the entry before it';
    if (index !== this.#lastIndex + 1) this.#runStart = index;
    this.#lastIndex = index;
    this.#lastAt = placement.at;
    const own = new Map<string, number>([[`actor ${body.actor.id}`, placement.actorSeq]]);
    for (const [place, { kind, group, name }] of body.objects.entries()) {
      own.set(JSON.stringify([kind, group ?? '', name ?? '']), placement.objectSeqs[place] as number);
    }
    for (const [subject, number] of own) {
      if (!this.#follows(this.#last.get(subject), { index, number })) {
        return 'its number of an actor or object does not follow from the one before';
      }
      this.#remember(subject, { index, number });
    }
    return undefined;
  }

  #follows(last: Counted | undefined, { index, number }: Counted): boolean {
    if (last === undefined) {
      // Nothing is known of a subject whose first entries may be left out.
      const isForgotten = this.#last.size >= subjectsMax;
      return this.#runStart > 0 || isForgotten || number === 1;
    }
    if (last.index >= this.#runStart) return number === last.number + 1;
    return number > last.number && number - last.number <= index - last.index;
  }

  #remember(subject: string, counted: Counted): void {
    this.#last.delete(subject);
    this.#last.set(subject, counted);
    if (this.#last.size <= subjectsMax) return;
    const [oldest] = this.#last.keys();
    if (oldest !== undefined) this.#last.delete(oldest);
  }
}
