import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryBody } from '@strongroom/contracts';
import { CompactRange, leafHash, rootHash } from '@strongroom/merkle';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import type { PlacedEntry } from './batch.ts';
import { draftBatch } from './draft-batch.ts';
import { prepareBody } from './entry.ts';
import { SequenceBook } from './sequence-book.ts';

const worker = new TestDeployment().worker().statement;
const at = '2030-01-01T00:00:00.000Z';

function draft(
  messages: readonly (readonly EntryBody[])[],
  held = new Map<string, PlacedEntry>(),
  tree = new CompactRange(),
) {
  const prepared = messages.map((bodies) => ({
    worker,
    signature: new Uint8Array(64),
    bodies: bodies.map(prepareBody),
  }));
  const book = new SequenceBook();
  const subjects = prepared.flatMap(({ bodies }) =>
    bodies.flatMap(({ actor, objects }) => [actor, ...objects]),
  );
  book.enter(new Map(subjects.map((subject) => [subject, 0])));
  return draftBatch({ epoch: 3, at, messages: prepared, held, tree, sequences: book.draft() });
}

const placedAs = (index: number, { entries }: ReturnType<typeof draft>['batch']): PlacedEntry => {
  const { leaf, actor, requestId, phase } = entries[index] as (typeof entries)[number];
  return { index, leaf, actor, requestId, phase };
};

test('entries are placed in the order of the messages, and counted', () => {
  const { batch, outcomes, tree } = draft([[bodyOf(), bodyOf({ actorId: 'user:bob' })], [bodyOf()]]);
  assert.deepEqual(
    outcomes.map(({ placed }) =>
      placed.map(({ index, placement }) => [index, placement.actorSeq, ...placement.objectSeqs]),
    ),
    [
      [
        [0, 1, 1],
        [1, 1, 2],
      ],
      [[2, 2, 3]],
    ],
  );
  assert.deepEqual(
    batch.appends.map(({ id, bodyHashes }) => [id, bodyHashes.length]),
    [
      [0, 64],
      [2, 32],
    ],
  );
  assert.deepEqual(
    batch.entries.map(({ append, offset }) => [append, offset]),
    [
      [0, 0],
      [0, 1],
      [2, 0],
    ],
  );
  assert.deepEqual(tree.root(), rootHash(batch.entries.map(({ leaf }) => leafHash(leaf))));
});

test('what the log holds is promised again if it is the same, and told if it is not', () => {
  const [same, other] = [bodyOf(), bodyOf()];
  const before = draft([[same, other]]);
  const held = new Map([
    [prepareBody(same).key, placedAs(0, before.batch)],
    [prepareBody(other).key, placedAs(1, before.batch)],
  ]);
  const { batch, outcomes } = draft(
    [[same, { ...other, outcome: 'refused' }, bodyOf()]],
    held,
    before.tree.copy(),
  );
  const [outcome] = outcomes;
  assert.deepEqual(
    outcome?.again.map(({ position, index }) => [position, index]),
    [[0, 0]],
  );
  assert.deepEqual(outcome?.replayed, [1]);
  assert.deepEqual(
    outcome?.placed.map(({ position, index }) => [position, index]),
    [[2, 2]],
  );
  // The message is kept whole: the signature is over all its bodies.
  assert.deepEqual(
    [batch.entries[0]?.offset, batch.appends[0]?.id, batch.appends[0]?.bodyHashes.length],
    [2, 2, 96],
  );
});

test('a repetition within one batch gets the same place, another body of the key none', () => {
  const body = bodyOf();
  const { batch, outcomes } = draft([[body], [body, { ...body, outcome: 'refused' }]]);
  assert.equal(batch.entries.length, 1);
  assert.equal(batch.appends.length, 1);
  assert.deepEqual(outcomes[0]?.placed, outcomes[1]?.placed);
  assert.deepEqual(outcomes[1]?.replayed, [1]);
});

test('the nodes above complete tiles come with the batch that completes them', () => {
  const tree = new CompactRange();
  for (let size = 0; size < 250; size += 1) tree.append(leafHash(Buffer.from(String(size))));
  const { batch } = draft([Array.from({ length: 10 }, () => bodyOf())], new Map(), tree);
  assert.deepEqual(
    batch.tileNodes.map(({ level, index }) => [level, index]),
    [[8, 0]],
  );
});
