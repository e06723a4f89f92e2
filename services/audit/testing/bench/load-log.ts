/**
 * Fills a log in batches as the writer commits them: the same leaves, tree, numbers and rows. What is left out is what no reader
 * of the log can see: nobody waits for a receipt, and only one message of 256 entries is signed for each batch.
 */
import { CompactRange } from '@strongroom/merkle';
import { draftBatch } from '../../src/domain/draft-batch.ts';
import { prepareBody } from '../../src/domain/entry.ts';
import { SequenceBook } from '../../src/domain/sequence-book.ts';
import type { LogStore } from '../../src/ports/log-store.ts';
import type { TestWorker } from '../test-deployment.ts';
import { bodyAt, timeOf } from './workload.ts';

const batchEntries = 256;

export async function loadLog(store: LogStore, worker: TestWorker, count: number): Promise<void> {
  const head = await store.takeEpoch(await store.head());
  if (head === undefined) throw new Error('another writer has the log');
  const tree = CompactRange.of(0, []);
  // Holds every subject of the workload: all numbers are counted here, and none is read back.
  const book = new SequenceBook();
  while (tree.size < count) {
    const bodies = Array.from({ length: Math.min(batchEntries, count - tree.size) }, (_, at) =>
      bodyAt(tree.size + at),
    );
    const { signature, worker: statement } = worker.sign(bodies);
    const messages = [
      { worker: statement, signature: Buffer.from(signature, 'base64url'), bodies: bodies.map(prepareBody) },
    ];
    book.enter(
      new Map(
        book
          .missing(messages[0]?.bodies.flatMap(({ actor, objects }) => [actor, ...objects]) ?? [])
          .map((subject) => [subject, 0]),
      ),
    );
    const sequences = book.draft();
    const at = timeOf(tree.size + bodies.length - 1);
    const { batch, taken } = draftBatch({
      epoch: head.epoch,
      at,
      messages,
      held: new Map(),
      tree,
      sequences,
    });
    if ((await store.commit(batch)) !== 'committed')
      throw new Error(`the batch at ${batch.first} was not committed`);
    book.enter(taken);
  }
}
