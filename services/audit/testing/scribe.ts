/** Drafts batches as the writer does, on any store, and keeps its own idea of the log. */
import assert from 'node:assert/strict';
import { CompactRange } from '@strongroom/merkle';
import type { NewBatch } from '../src/domain/batch.ts';
import { draftBatch } from '../src/domain/draft-batch.ts';
import { prepareBody } from '../src/domain/entry.ts';
import { SequenceBook } from '../src/domain/sequence-book.ts';
import type { CheckpointStore } from '../src/ports/checkpoint-store.ts';
import type { EntryReader } from '../src/ports/entry-reader.ts';
import type { LogStore } from '../src/ports/log-store.ts';
import type { OldEntries } from '../src/ports/old-entries.ts';
import { type bodyOf, TestDeployment } from './test-deployment.ts';

export interface StoresUnderTest {
  readonly store: LogStore;
  readonly checkpoints: CheckpointStore;
  readonly reader: EntryReader;
  readonly oldEntries: OldEntries;
}

export const deployment = new TestDeployment();
export const worker = deployment.worker();
export const times = [
  '2030-01-01T00:00:00.000Z',
  '2030-01-01T00:00:01.500Z',
  '2030-02-01T00:00:00.000Z',
] as const;

export class Scribe {
  readonly stores: StoresUnderTest;
  epoch = 0;
  tree = new CompactRange();
  readonly book = new SequenceBook();

  constructor(stores: StoresUnderTest) {
    this.stores = stores;
  }

  async open(): Promise<void> {
    const { store } = this.stores;
    const head = await store.takeEpoch(await store.head());
    this.epoch = (head as NonNullable<typeof head>).epoch;
  }

  draft(entries: readonly ReturnType<typeof bodyOf>[], at: string = times[0]) {
    const bodies = entries.map(prepareBody);
    const subjects = bodies.flatMap(({ actor, objects, counts }) => [
      actor,
      ...objects,
      ...(counts ? [counts] : []),
    ]);
    this.book.enter(new Map(this.book.missing(subjects).map((subject) => [subject, 0])));
    const message = { worker: worker.statement, signature: new Uint8Array(64).fill(1), bodies };
    const [tree, sequences] = [this.tree.copy(), this.book.draft()];
    return draftBatch({ epoch: this.epoch, at, messages: [message], held: new Map(), tree, sequences });
  }

  async write(entries: readonly ReturnType<typeof bodyOf>[], at?: string): Promise<NewBatch> {
    const { batch, tree, taken } = this.draft(entries, at);
    assert.equal(await this.stores.store.commit(batch), 'committed');
    this.tree = tree;
    this.book.enter(taken);
    return batch;
  }
}
