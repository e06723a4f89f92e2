/**
 * The attacks on the tables, as a property: whatever is done to rows, buckets and pages, a worker answers with the truth
 * or refuses, and refuses nothing but what the attack touched.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { historySeal, RegistryHistory, readBinding, type Write } from '../../../testing/registry-history.ts';
import type { StoredRegistry } from '../../../testing/stored-registry.ts';
import type { PlannedRow } from './commit-plan.ts';
import { Dictionary } from './dictionary.ts';
import { pageOf } from './hash-tree.ts';
import { bucketNumber, type RecordName, recordName } from './record-name.ts';

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const name = (id: string): RecordName => recordName('binding', id);
const bucketOf = (id: string) => bucketNumber(historySeal, name(id));

/** Which of the ids an attack may make unreadable. */
type Touched = readonly string[];
type Attack = (now: StoredRegistry, older: StoredRegistry, target: string, other: string) => Touched;

function setRow(stored: StoredRegistry, id: string, row: PlannedRow | undefined): void {
  if (row === undefined) stored.rows.delete(name(id));
  else stored.rows.set(name(id), row);
}

function editRow(stored: StoredRegistry, id: string, edit: Partial<PlannedRow>): Touched {
  const row = stored.rows.get(name(id));
  if (row) stored.rows.set(name(id), { ...row, ...edit });
  return [id];
}

function setBucket(now: StoredRegistry, older: StoredRegistry, id: string): Touched {
  const bucket = older.buckets.get(bucketOf(id));
  if (bucket === undefined) now.buckets.delete(bucketOf(id));
  else now.buckets.set(bucketOf(id), bucket);
  return ids.filter((each) => bucketOf(each) === bucketOf(id));
}

const rowAttacks: Record<string, Attack> = {
  'edit a value': (now, _, target) =>
    editRow(now, target, { body: new TextEncoder().encode('{"principal":"app:mallory"}') }),
  'edit a version': (now, _, target) => editRow(now, target, { version: 77 }),
  'edit a MAC': (now, _, target) => editRow(now, target, { mac: new Uint8Array(32) }),
  'delete a row': (now, _, target) => {
    now.rows.delete(name(target));
    return [target];
  },
  'restore an older row': (now, older, target) => {
    setRow(now, target, older.rows.get(name(target)));
    return [target];
  },
  'swap two values': (now, _, target, other) => {
    const [left, right] = [now.rows.get(name(target)), now.rows.get(name(other))];
    setRow(now, target, right);
    setRow(now, other, left);
    return [target, other];
  },
};

const bucketAttacks: Record<string, Attack> = {
  'edit a bucket': (now, _, target) => {
    now.buckets.set(bucketOf(target), { bytes: new TextEncoder().encode('[]'), sequence: 1_000 });
    return ids.filter((each) => bucketOf(each) === bucketOf(target));
  },
  'restore an older bucket': (now, older, target) => setBucket(now, older, target),
  'restore an older row and bucket': (now, older, target) => {
    setRow(now, target, older.rows.get(name(target)));
    return setBucket(now, older, target);
  },
  'delete a page': (now, _, target) => {
    now.pages.delete(pageOf(bucketOf(target)));
    return ids.filter((each) => pageOf(bucketOf(each)) === pageOf(bucketOf(target)));
  },
  'restore older pages': (now, older) => {
    now.pages = new Map(older.pages);
    return ids;
  },
};

const id = fc.constantFrom(...ids);
const write: fc.Arbitrary<Write> = fc.record({
  id,
  principal: fc.option(fc.constantFrom('app:1', 'app:2', 'app:3'), { nil: undefined }),
});
const attackOn = (attacks: Record<string, Attack>) => ({
  before: fc.array(write, { maxLength: 12 }),
  after: fc.array(write, { minLength: 1, maxLength: 12 }),
  attack: fc.constantFrom(...Object.keys(attacks)),
  target: id,
  other: id,
});

function checkAnswers(dictionary: Dictionary, history: RegistryHistory, touched: Touched): void {
  for (const each of ids) {
    const truth = history.truth.get(each) ?? 'absent';
    const answer = readBinding(dictionary, history.stored, each);
    if (answer !== truth) {
      assert.equal(answer, 'record-tampered', each);
      assert.ok(touched.includes(each), `${each} was not touched`);
    }
  }
}

for (const [kind, attacks] of Object.entries({ rows: rowAttacks, buckets: bucketAttacks })) {
  test(`whatever is done to ${kind}, the answer is true or a refusal of what was touched`, () => {
    fc.assert(
      fc.property(fc.record(attackOn(attacks)), ({ before, after, attack, target, other }) => {
        const history = new RegistryHistory();
        for (const each of before) history.commit(each);
        const older = history.stored.copy();
        for (const each of after) history.commit(each);
        const touched = (attacks[attack] as Attack)(history.stored, older, target, other);
        const { head } = history.dictionary;

        checkAnswers(history.dictionary, history, touched);
        const restarted = new Dictionary(historySeal, head);
        assert.equal(restarted.follow(history.stored.whole(head), head).status, 'current');
        checkAnswers(restarted, history, touched);
      }),
      { numRuns: 60 },
    );
  });
}

test('each attack on rows is noticed', () => {
  for (const [title, attack] of Object.entries(rowAttacks)) {
    const history = new RegistryHistory();
    history.commit({ id: 'a', principal: 'app:1' }, { id: 'b', principal: 'app:3' });
    const older = history.stored.copy();
    history.commit({ id: 'a', principal: 'app:2' });
    attack(history.stored, older, 'a', 'b');
    assert.equal(readBinding(history.dictionary, history.stored, 'a'), 'record-tampered', title);
  }
});

test('each attack on buckets is noticed by a worker that starts, and repaired by the right row', () => {
  for (const [title, attack] of Object.entries(bucketAttacks)) {
    const history = new RegistryHistory();
    history.commit({ id: 'a', principal: 'app:1' }, { id: 'b', principal: 'app:3' });
    const older = history.stored.copy();
    history.commit({ id: 'a', principal: 'app:2' });
    const intact = history.stored.copy();
    attack(history.stored, older, 'a', 'b');
    const { head } = history.dictionary;
    const restarted = new Dictionary(historySeal, head);
    restarted.follow(history.stored.whole(head), head);
    assert.equal(readBinding(restarted, history.stored, 'a'), 'record-tampered', title);
    restarted.follow(intact.snapshot(head, restarted.gaps()), head);
    assert.equal(readBinding(restarted, intact, 'a'), 'app:2', title);
  }
});

test('a removed record that is put back stays removed', () => {
  const history = new RegistryHistory();
  history.commit({ id: 'a', principal: 'app:1' });
  const older = history.stored.copy();
  history.commit({ id: 'a', principal: undefined });
  setRow(history.stored, 'a', older.rows.get(name('a')));
  assert.equal(readBinding(history.dictionary, history.stored, 'a'), 'absent');
});
