/**
 * The single writer. Appends queue up while a commit runs and the next commit takes them all: no timer, so one caller
 * waits for nothing and many share one flush. An entry is acknowledged only after the commit that holds it.
 *
 * After a commit whose outcome is not known the writer believes nothing: it reads its state from the store before it
 * goes on. A fenced writer stops for good.
 */
import { encodeBytes } from '@strongroom/canonical';
import type { AppendReply, EntryPlacement } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { batchProofs, CompactRange, leafHash, rangeNodes } from '@strongroom/merkle';
import type { KeptEntry } from '../domain/batch.ts';
import { type DraftedBatch, draftBatch } from '../domain/draft-batch.ts';
import { counterKeys } from '../domain/placement.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogStore } from '../ports/log-store.ts';
import type { AdmittedAppend } from './admit-append.ts';
import type { ReceiptKey } from './receipt-key.ts';
import { SequenceCache } from './sequence-cache.ts';

export const batchEntriesMax = 256;
/** Entries that wait for a commit; beyond it callers hear so at once. */
export const queueEntriesMax = 4_096;

interface Waiting {
  readonly append: AdmittedAppend;
  readonly resolve: (reply: AppendReply) => void;
  readonly reject: (fault: unknown) => void;
}

export interface LogWriterParts {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly onFenced: () => void;
}

export class LogWriter {
  readonly #parts: LogWriterParts;
  readonly #sequences: SequenceCache;
  #key: ReceiptKey | undefined;
  #tree = new CompactRange();
  #isCertain = false;
  #isFenced = false;
  #lastAt = '';
  #queue: Waiting[] = [];
  #queuedEntries = 0;
  #round: Promise<void> | undefined;

  constructor(parts: LogWriterParts) {
    this.#parts = parts;
    this.#sequences = new SequenceCache(parts.store);
  }

  /** From here on entries are taken, under this key's epoch. */
  open(key: ReceiptKey): void {
    this.#key = key;
  }

  get size(): number {
    return this.#tree.size;
  }

  get unready(): string | undefined {
    if (this.#isFenced) return 'another writer has taken over';
    return this.#key === undefined ? 'the receipt key is not certified yet' : undefined;
  }

  /** Throws `audit-unavailable`, `overloaded`, `database-unavailable`; `outcome-unknown` for a commit that got lost. */
  append(append: AdmittedAppend): Promise<AppendReply> {
    const reason = this.unready;
    if (reason !== undefined) throw new StrongroomError('audit-unavailable', { detail: reason });
    if (this.#queuedEntries + append.bodies.length > queueEntriesMax) throw new StrongroomError('overloaded');
    this.#queuedEntries += append.bodies.length;
    return new Promise((resolve, reject) => {
      this.#queue.push({ append, resolve, reject });
      this.#round ??= this.#run();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    while (this.#round !== undefined) await this.#round;
  }

  async #run(): Promise<void> {
    // What arrives in this turn of the event loop belongs into the first commit.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#take();
      try {
        await this.#write(batch);
      } catch (fault) {
        for (const { reject } of batch) reject(fault);
      }
    }
    this.#round = undefined;
  }

  #take(): Waiting[] {
    let entries = 0;
    const fits = this.#queue.findIndex(({ append }) => {
      entries += append.bodies.length;
      return entries > batchEntriesMax;
    });
    const batch = this.#queue.splice(0, fits <= 0 ? (fits === 0 ? 1 : this.#queue.length) : fits);
    this.#queuedEntries -= batch.reduce((sum, { append }) => sum + append.bodies.length, 0);
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (!this.#isCertain) await this.#reload();
    const excluded = new Map<string, KeptEntry>();
    for (;;) {
      const drafted = await this.#draft(batch, excluded);
      const result = drafted.batch.entries.length === 0 ? 'committed' : await this.#commit(drafted);
      if (result === 'fenced') return this.#fence();
      if (result === 'committed') return this.#acknowledge(batch, drafted);
      for (const key of result) excluded.set(...key);
    }
  }

  async #draft(batch: readonly Waiting[], excluded: ReadonlyMap<string, KeptEntry>): Promise<DraftedBatch> {
    const key = this.#key as ReceiptKey;
    const appends = batch.map(({ append }) => append);
    const keys = new Set(appends.flatMap(({ bodies }) => bodies.flatMap(({ body }) => counterKeys(body))));
    const committed = await this.#sequences.load(keys);
    const at = this.#now();
    return draftBatch({ appends, excluded, committed, tree: this.#tree.copy(), epoch: key.epoch, at });
  }

  async #commit(drafted: DraftedBatch): Promise<'committed' | 'fenced' | readonly [string, KeptEntry][]> {
    const { store } = this.#parts;
    try {
      const result = await store.commit(drafted.batch);
      if (result === 'committed') {
        this.#tree = drafted.tree;
        this.#sequences.store(drafted.taken);
      }
      if (typeof result === 'string') return result;
      return await Promise.all(result.taken.map((index) => this.#find(drafted, index)));
    } catch (fault) {
      if (!isStrongroomError(fault) || fault.code !== 'database-unavailable') this.#isCertain = false;
      throw fault;
    }
  }

  async #find(drafted: DraftedBatch, index: number): Promise<[string, KeptEntry]> {
    const entry = drafted.batch.entries[index - drafted.batch.first];
    const kept = entry && (await this.#parts.store.findByKey(entry.actor, entry.requestId, entry.phase));
    if (entry === undefined || kept === undefined)
      throw new StrongroomError('internal', { detail: 'unique key' });
    return [`${entry.actor} ${entry.requestId} ${entry.phase}`, kept];
  }

  #acknowledge(batch: readonly Waiting[], drafted: DraftedBatch): void {
    const key = this.#key as ReceiptKey;
    const { first, entries } = drafted.batch;
    const proofs = batchProofs(entries.map(({ leaf }) => leafHash(leaf)));
    const root = encodeBytes(proofs.root);
    const count = entries.length;
    const signature = count === 0 ? '' : key.sign({ first, count, root });
    for (const [at, { resolve }] of batch.entries()) {
      const outcome = drafted.outcomes[at] as DraftedBatch['outcomes'][number];
      const receipts = outcome.placed.map(({ position, index, placement }) => ({
        position,
        index,
        placement,
        offset: index - first,
        path: (proofs.paths[index - first] ?? []).map(encodeBytes),
      }));
      const fresh =
        receipts.length === 0 ? [] : [{ epoch: key.epoch, first, count, root, signature, receipts }];
      const again = outcome.again.map((kept) => this.#promiseAgain(key, kept));
      resolve({ receiptKey: key.statement, batches: [...fresh, ...again], replayed: [...outcome.replayed] });
    }
  }

  /** An entry that was taken before, promised anew as a batch of one. */
  #promiseAgain(
    key: ReceiptKey,
    { position, kept }: { readonly position: number; readonly kept: KeptEntry },
  ) {
    const { placement } = JSON.parse(Buffer.from(kept.leaf).toString()) as { placement: EntryPlacement };
    const { index } = kept;
    const root = encodeBytes(leafHash(kept.leaf));
    const signature = key.sign({ first: index, count: 1, root });
    const receipts = [{ position, index, placement, offset: 0, path: [] }];
    return { epoch: key.epoch, first: index, count: 1, root, signature, receipts };
  }

  #fence(): never {
    this.#isFenced = true;
    this.#parts.onFenced();
    throw new StrongroomError('audit-unavailable', { detail: 'another writer has taken over' });
  }

  async #reload(): Promise<void> {
    const { store } = this.#parts;
    const { epoch, size } = await store.state();
    if (epoch !== this.#key?.epoch) this.#fence();
    const peaks = await store.nodes(size === 0 ? [] : rangeNodes({ begin: 0, end: size }));
    this.#tree = CompactRange.of(size, peaks);
    this.#sequences.clear();
    this.#isCertain = true;
  }

  /** Time in the log never goes back, whatever the clock does. */
  #now(): string {
    const now = this.#parts.clock.now();
    if (now > this.#lastAt) this.#lastAt = now;
    return this.#lastAt;
  }
}
