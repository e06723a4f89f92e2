/**
 * Re-checks a whole log from what is stored, by none of the code that wrote it: every acknowledged entry is there and
 * is the one that was acknowledged, the numbers of all actors and objects are gapless, time never goes back, every entry
 * is what a worker signed, the tree is that of the leaves, and every checkpoint is a head of it.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, type Entry, type EntryBody } from '@strongroom/contracts';
import { leafHash, parseCheckpoint, rootHash } from '@strongroom/merkle';
import type { StoresUnderTest } from './scribe.ts';

export interface Acknowledged {
  readonly index: number;
  readonly body: EntryBody;
}

const hashBytes = 32;

/** Throws unless the log is whole; answers with its entries. */
export async function checkLog(
  { store, checkpoints, reader }: Omit<StoresUnderTest, 'oldEntries'>,
  acknowledged: readonly Acknowledged[],
): Promise<readonly Entry[]> {
  const { size } = await store.head();
  const leaves = await store.leaves(0, Number.MAX_SAFE_INTEGER);
  assert.equal(leaves.length, size, 'there are as many entries as were committed');
  const entries = leaves.map((leaf) => {
    const entry: unknown = parseCanonical(leaf);
    assert.ok(checkers.entry.check(entry), 'an entry fits its schema');
    return entry;
  });
  checkNumbers(entries);
  for (const { index, body } of acknowledged) {
    assert.deepEqual(entries[index]?.body, body, `entry ${index} is the one that was acknowledged`);
  }
  await checkSignedBodies(reader, entries);
  const hashes = leaves.map(leafHash);
  await checkTiles(store, hashes);
  const newest = await checkpoints.newest();
  if (newest !== undefined) {
    const checkpoint = parseCheckpoint(newest.note.slice(0, newest.note.indexOf('\n\n') + 1));
    assert.ok(newest.size <= size, 'no checkpoint is larger than the log');
    assert.deepEqual(asBuffer(checkpoint?.root), asBuffer(rootHash(hashes.slice(0, newest.size))));
  }
  return entries;
}

function checkNumbers(entries: readonly Entry[]): void {
  const last = new Map<string, number>();
  const keys = new Set<string>();
  let at = '';
  const follows = (subject: string, number: number | undefined) => {
    assert.equal(number, (last.get(subject) ?? 0) + 1, `numbers of ${subject}`);
    last.set(subject, number as number);
  };
  for (const { body, placement } of entries) {
    assert.ok(placement.at >= at, 'time goes on');
    at = placement.at;
    const key = JSON.stringify([body.actor.id, body.requestId, body.phase]);
    assert.ok(!keys.has(key), 'a key is there once');
    keys.add(key);
    follows(body.actor.id, placement.actorSeq);
    const own = new Map(body.objects.map((object, place) => [nameOf(object), placement.objectSeqs[place]]));
    for (const [object, number] of own) follows(object, number);
  }
}

const nameOf = ({ kind, group, name }: EntryBody['objects'][number]) =>
  JSON.stringify([kind, group ?? '', name ?? '']);

async function checkSignedBodies(
  reader: StoresUnderTest['reader'],
  entries: readonly Entry[],
): Promise<void> {
  const found = await reader.find({
    first: 0,
    end: entries.length,
    anyOf: [{ objects: [] }],
    order: 'oldest-first',
    limit: entries.length + 1,
  });
  const appends = new Map(
    (await reader.appends(found.map(({ append }) => append))).map((one) => [one.id, one]),
  );
  for (const { index, append, offset } of found) {
    const own = appends.get(append)?.bodyHashes.subarray(offset * hashBytes, (offset + 1) * hashBytes);
    const body = canonicalBytes(entries[index]?.body as unknown as CanonicalValue);
    assert.deepEqual(
      asBuffer(own),
      hash('sha256', body, 'buffer'),
      `entry ${index} is the one that was signed`,
    );
  }
}

async function checkTiles(store: StoresUnderTest['store'], hashes: readonly Uint8Array[]): Promise<void> {
  for (let first = 0; first < hashes.length; first += 256) {
    const [tile] = await store.tiles([{ level: 0, index: first / 256 }]);
    assert.deepEqual(asBuffer(tile), Buffer.concat(hashes.slice(first, first + 256)), 'leaf hashes');
    const isComplete = first + 256 <= hashes.length;
    const [above] = await store.tiles([{ level: 1, index: Math.floor(first / 65_536) }]);
    const at = ((first / 256) % 256) * hashBytes;
    const expected = isComplete ? asBuffer(rootHash(hashes.slice(first, first + 256))) : Buffer.alloc(0);
    assert.deepEqual(asBuffer(above).subarray(at, at + hashBytes), expected, 'hash of a complete tile');
  }
}

const asBuffer = (bytes: Uint8Array | undefined): Buffer => Buffer.from(bytes ?? []);
