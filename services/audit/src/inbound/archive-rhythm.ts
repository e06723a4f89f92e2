/**
 * Archives what is sealed, segment after segment, and drops what may leave the database then; looks again once a minute. A
 * fault is told when it changes.
 */
import { setTimeout as pause } from 'node:timers/promises';

export interface ArchiveRhythmOptions {
  readonly archiveSegment: () => Promise<number | undefined>;
  /** Answers with nothing when there is nothing to drop. */
  readonly dropArchived: () => Promise<number | undefined>;
  readonly isWriting: () => boolean;
  readonly report: (task: string, fault: unknown) => void;
  readonly everyMs?: number;
}

const everyMsDefault = 60_000;

export class ArchiveRhythm {
  readonly name = 'archive';
  readonly #options: ArchiveRhythmOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #size = Number.NaN;
  #failures = 0;

  constructor(options: ArchiveRhythmOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves after the segment at hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Entries in the archive as far as this process knows. */
  get size(): number {
    return this.#size;
  }

  get failures(): number {
    return this.#failures;
  }

  async #run(): Promise<void> {
    const { archiveSegment, dropArchived, isWriting, report, everyMs = everyMsDefault } = this.#options;
    const { signal } = this.#stopping;
    let told = '';
    while (!signal.aborted) {
      try {
        const size = isWriting() ? await archiveSegment() : undefined;
        if (size !== undefined) this.#size = size;
        const heldFrom = size === undefined && isWriting() ? await dropArchived() : undefined;
        this.#failures = 0;
        told = '';
        if (size !== undefined || heldFrom !== undefined) continue;
      } catch (fault) {
        this.#failures += 1;
        if (told !== String(fault)) report('archive', fault);
        told = String(fault);
      }
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
