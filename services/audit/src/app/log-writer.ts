/**
 * The single writer of the log. It acknowledges an entry only after the commit that holds it, believes nothing that it
 * has not read from the store after a commit that is in doubt, and stops for good when another writer has taken over or
 * the store turns out not to hold what was acknowledged.
 */
import type { AppendReply } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { PlacedEntry } from '../domain/batch.ts';
import { type AppendMessage, type BatchDraft, draftBatch, entryKeysOf } from '../domain/draft-batch.ts';
import { entryKey } from '../domain/entry.ts';
import { SequenceBook } from '../domain/sequence-book.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogHead, LogStore } from '../ports/log-store.ts';
import { answerAppends } from './answer-appends.ts';
import { GroupCommit } from './group-commit.ts';
import { type LogTail, readTailBeyond } from './read-tail.ts';
import type { ReceiptKey } from './receipt-key.ts';
import { refusalOf, type WriterState } from './writer-state.ts';
import { WriterStatus } from './writer-status.ts';

/** DESIGN section 10. */
export const batchEntriesMax = 256;
/** About a quarter of a second of work at the rate that a batch of 256 is committed with. */
export const queueEntriesMax = 4_096;
/** Lost answer, own late commit, occupied key: each needs one round more, none comes twice. */
const roundsMax = 5;
/** After so long the store counts as silent: with the patience of a worker that makes less than a quarter of a second. */
const batchMsMax = 60;

export interface LogWriterParts {
  readonly store: LogStore;
  readonly clock: Clock;
  /** After each change; must not throw. */
  readonly onState: (state: WriterState) => void;
  /** After each commit; must not throw. */
  readonly onCommit: (commit: { readonly entries: number; readonly durationMs: number }) => void;
}

interface Append {
  readonly message: AppendMessage;
  readonly expiresAtMs: number;
}

export class LogWriter {
  readonly status: WriterStatus;
  readonly #parts: LogWriterParts;
  readonly #sequences = new SequenceBook();
  readonly #commits: GroupCommit<Append, AppendReply>;
  #key: ReceiptKey | undefined;
  #tail: LogTail | undefined;
  #writingSinceMs: number | undefined;

  constructor(parts: LogWriterParts) {
    this.#parts = parts;
    this.status = new WriterStatus(parts.onState);
    this.#commits = new GroupCommit<Append, AppendReply>({
      batchWeightMax: batchEntriesMax,
      queueWeightMax: queueEntriesMax,
      weightOf: ({ message }) => message.bodies.length,
      isExpired: ({ expiresAtMs }) => parts.clock.monotonicMs() > expiresAtMs,
      commit: (appends) => this.#write(appends.map(({ message }) => message)),
    });
  }

  get state(): WriterState {
    return this.status.state;
  }

  get queuedEntries(): number {
    return this.#commits.queuedWeight;
  }

  /** Entries that are surely committed. */
  get size(): number {
    return this.#tail?.tree.size ?? 0;
  }

  /** Size and root of what is surely committed. */
  head(): { readonly size: number; readonly root: Uint8Array } {
    if (this.#tail === undefined) throw new RangeError('the log is not open');
    return { size: this.#tail.tree.size, root: this.#tail.tree.root() };
  }

  /** From here on entries are taken, under the key's epoch. */
  open(key: ReceiptKey, tail: LogTail): void {
    this.#key = key;
    this.#tail = tail;
    this.status.enter({ kind: 'writing' });
  }

  /** Throws what an append would be refused with at once. */
  assertWriting(): void {
    const refusal = refusalOf(this.state);
    if (refusal !== undefined) throw refusal;
  }

  /**
   * Resolves when the entries are durable. Rejects with `database-unavailable`, `audit-unavailable`, `overloaded`,
   * `deadline-exceeded` (nothing of the message is in the log) or `outcome-unknown` (it may be; the same message again
   * gets its receipts).
   */
  async append(message: AppendMessage, deadlineMs: number): Promise<AppendReply> {
    this.assertWriting();
    return this.#commits.add({ message, expiresAtMs: this.#parts.clock.monotonicMs() + deadlineMs });
  }

  /** Reads the store again if that is due. Throws `database-unavailable` while it cannot be read. */
  async recover(): Promise<void> {
    if (this.state.kind !== 'recovering') return;
    await this.#resync();
    this.status.enter({ kind: 'writing' });
  }

  /** Stops where another writer has taken over, which a writer without work would not notice. */
  async checkEpoch(): Promise<void> {
    if (this.state.kind === 'writing') await this.#readHead(() => this.#parts.store.head());
  }

  /** The same, and tells who stands by that this process lives. */
  async showLife(): Promise<void> {
    const key = this.#key;
    if (this.state.kind === 'writing' && key !== undefined)
      await this.#readHead(() => this.#parts.store.beat(key.epoch));
  }

  /** Lets who stands by take over at once. Only when everything is settled. */
  async handOver(): Promise<void> {
    if (this.state.kind === 'writing' && this.#key !== undefined)
      await this.#parts.store.release(this.#key.epoch);
  }

  /** Whether what waits is being worked off: no batch has been on its way to the store for suspiciously long. */
  get isMoving(): boolean {
    const since = this.#writingSinceMs;
    return since === undefined || this.#parts.clock.monotonicMs() - since < batchMsMax;
  }

  /** Resolves when nothing waits and nothing is being committed. */
  settled(): Promise<void> {
    return this.#commits.settled();
  }

  async #write(messages: readonly AppendMessage[]): Promise<readonly AppendReply[]> {
    // What waited while the state changed is refused here, batch by batch and without a try.
    this.assertWriting();
    // Stays open once it is: an abandoned commit may land even after it was not found.
    const doubt = { isOpen: false };
    this.#writingSinceMs = this.#parts.clock.monotonicMs();
    try {
      return await this.#commitRounds(messages, doubt);
    } catch (fault) {
      const { code, detail } = isStrongroomError(fault) ? fault : { code: 'internal', detail: undefined };
      this.status.enter({ kind: 'recovering', reason: detail ?? code });
      throw doubt.isOpen ? new StrongroomError('outcome-unknown', { cause: fault }) : fault;
    } finally {
      this.#writingSinceMs = undefined;
    }
  }

  async #commitRounds(
    messages: readonly AppendMessage[],
    doubt: { isOpen: boolean },
  ): Promise<readonly AppendReply[]> {
    const key = this.#key as ReceiptKey;
    // Taken before the commit: without a certificate there is no receipt, so nothing may be committed either.
    const { certificate } = key;
    const held = new Map<string, PlacedEntry>();
    for (let round = 0; round < roundsMax; round += 1) {
      const draft = await this.#draft(messages, held, key.epoch);
      const isDurable = draft.batch.entries.length === 0 || (await this.#commit(draft, doubt));
      if (isDurable) return answerAppends(draft, key, certificate);
      for (const placed of await this.#parts.store.findPlaced(entryKeysOf(messages))) {
        held.set(entryKey(placed.actor, placed.requestId, placed.phase), placed);
      }
    }
    throw new StrongroomError('internal', { detail: 'a batch did not settle' });
  }

  async #draft(
    messages: readonly AppendMessage[],
    held: ReadonlyMap<string, PlacedEntry>,
    epoch: number,
  ): Promise<BatchDraft> {
    const { store, clock } = this.#parts;
    const subjects = messages.flatMap(({ bodies }) =>
      bodies.flatMap(({ actor, objects, counts }) => [actor, ...objects, ...(counts ? [counts] : [])]),
    );
    this.#sequences.trim();
    const missing = this.#sequences.missing(subjects);
    if (missing.length > 0) this.#sequences.enter(await store.lastSequences(missing));
    const tail = this.#tail as LogTail;
    // Time in the log never goes back, whatever the clock does.
    let at = clock.now();
    if (at < tail.at) at = tail.at;
    const [tree, sequences] = [tail.tree.copy(), this.#sequences.draft()];
    return draftBatch({ epoch, at, messages, held, tree, sequences });
  }

  /** `false`: the batch has to be drafted anew, on what was found to be in the log. */
  async #commit(draft: BatchDraft, doubt: { isOpen: boolean }): Promise<boolean> {
    const { store, clock, onCommit } = this.#parts;
    const startedMs = clock.monotonicMs();
    try {
      const result = await store.commit(draft.batch);
      if (result === 'committed') {
        this.#tail = { tree: draft.tree, at: draft.batch.at };
        this.#sequences.enter(draft.taken);
        onCommit({ entries: draft.batch.entries.length, durationMs: clock.monotonicMs() - startedMs });
        return true;
      }
      if (result === 'moved') await this.#resync();
      return false;
    } catch (fault) {
      if (!isStrongroomError(fault) || fault.code !== 'outcome-unknown') throw fault;
      doubt.isOpen = true;
      await this.#resync();
      return false;
    }
  }

  /** Believes the store again, after having checked that it still holds everything that was acknowledged. */
  async #resync(): Promise<void> {
    const { store } = this.#parts;
    const acknowledged = this.head();
    const { size } = await this.#readHead(() => store.head());
    try {
      this.#tail = await readTailBeyond(store, size, acknowledged);
    } catch (fault) {
      if (isStrongroomError(fault) && fault.code === 'record-tampered')
        this.status.fail(fault.detail ?? fault.code);
      throw fault;
    }
    this.#sequences.clear();
  }

  /** Stops where the head is not that of this writer, or of an older state of the store. */
  async #readHead(read: () => Promise<LogHead>): Promise<LogHead> {
    const { epoch } = this.#key as ReceiptKey;
    // What is acknowledged while the head is being read does not count against it.
    const { size } = this;
    const head = await read();
    if (head.epoch > epoch) this.status.fence(head.epoch, epoch);
    if (head.epoch < epoch || head.size < size) {
      const found = `${head.size} entries of epoch ${head.epoch}`;
      this.status.fail(`the store went back: it has ${found}, ${size} of epoch ${epoch} were acknowledged`);
    }
    return head;
  }
}
