import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { historySeal, RegistryHistory, readBinding } from '../../../testing/registry-history.ts';
import { Dictionary } from './dictionary.ts';
import type { HeadReference } from './head.ts';
import type { StoredHead } from './snapshot.ts';

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z0-9./-]{1,12}$/), { minLength: 1, maxLength: 12 });

test('the root does not depend on the order of the changes', () => {
  const orders = ids.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(orders, ([first, second]) => {
      const [left, right] = [first, second].map((order) => {
        const history = new RegistryHistory();
        for (const id of order) history.commit({ id, principal: `app:${id.length}` });
        return history;
      });
      assert.deepEqual(left?.dictionary.tree.root, right?.dictionary.tree.root);
    }),
    { numRuns: 20 },
  );
});

test('a follower knows what the writer knows, commit by commit or all at once', () => {
  const follower = new Dictionary(historySeal);
  const history = new RegistryHistory();
  for (let round = 0; round < 30; round += 1) {
    const since = follower.head;
    history.commit({ id: `r${round % 7}`, principal: round % 5 === 0 ? undefined : `app:${round}` });
    if (round % 3 === 0) continue;
    assert.equal(follower.follow(history.stored.snapshot(since), since).status, 'advanced');
    assert.deepEqual(follower.tree.root, history.dictionary.tree.root);
    for (let id = 0; id < 7; id += 1)
      assert.equal(readBinding(follower, history.stored, `r${id}`), history.truth.get(`r${id}`) ?? 'absent');
  }
  const page = { prefix: '', limit: 10 };
  assert.deepEqual(follower.index.page('binding', page), [...history.truth.keys()].sort());
});

function headAttack(change: (head: StoredHead, older: StoredHead) => StoredHead | undefined): string {
  const history = new RegistryHistory();
  history.commit({ id: 'a', principal: 'app:1' });
  const older = history.stored.head as StoredHead;
  history.commit({ id: 'a', principal: 'app:2' });
  const { head } = history.dictionary;
  history.stored.head = change(history.stored.head as StoredHead, older);
  const shown = history.stored.whole(head);
  const running = history.dictionary.follow(shown, head);
  const restarted = new Dictionary(historySeal, head).follow(shown, head);
  assert.deepEqual(running, restarted);
  return running.status === 'rolled-back' ? running.reason : running.status;
}

test('a head that is gone, forged, damaged or older is a rollback, for a running worker and a new one', () => {
  assert.equal(
    headAttack(() => undefined),
    'head-absent',
  );
  assert.equal(
    headAttack((head) => ({ ...head, mac: new Uint8Array(32) })),
    'head-forged',
  );
  assert.equal(
    headAttack((head) => ({ ...head, sequence: 3 })),
    'head-forged',
  );
  assert.equal(
    headAttack((head) => ({ ...head, root: new Uint8Array(32) })),
    'head-forged',
  );
  assert.equal(
    headAttack((head, older) => ({ ...head, pages: older.pages })),
    'head-damaged',
  );
  assert.equal(
    headAttack((_, older) => older),
    'head-older',
  );
  assert.equal(
    headAttack((head) => ({ ...head, sequence: 0 })),
    'head-older',
  );
  assert.equal(
    headAttack((head) => head),
    'current',
  );
});

test('a dump of an earlier moment is a rollback, and no new worker starts from it', () => {
  const history = new RegistryHistory();
  history.commit({ id: 'deny', principal: 'app:1' });
  const dump = history.stored.copy();
  history.commit({ id: 'deny', principal: 'app:2' });
  const { head } = history.dictionary;
  const expected = { status: 'rolled-back', reason: 'head-older' } as const;
  assert.deepEqual(history.dictionary.follow(dump.whole(head), head), expected);
  assert.deepEqual(new Dictionary(historySeal, head).follow(dump.whole(head), head), expected);
});

test('a history that another worker continued from an earlier moment is a fork, however long it grew', () => {
  const history = new RegistryHistory();
  history.commit({ id: 'a', principal: 'app:1' });
  const fork = new RegistryHistory(history.stored.copy());
  history.commit({ id: 'deny', principal: 'app:1' });
  const { head } = history.dictionary;
  for (let length = 0; length < 4; length += 1) {
    fork.commit({ id: 'b', principal: `app:${length}` });
    assert.deepEqual(history.dictionary.follow(fork.stored.whole(head), head), {
      status: 'rolled-back',
      reason: 'head-forked',
    });
  }
  assert.equal(readBinding(history.dictionary, history.stored, 'deny'), 'app:1');
});

test('a snapshot that own commits passed by is no rollback', () => {
  const history = new RegistryHistory();
  const since: HeadReference = history.dictionary.head;
  const early = history.stored.whole(since);
  history.commit({ id: 'a', principal: 'app:1' });
  assert.deepEqual(history.dictionary.follow(early, since), { status: 'current' });
  assert.equal(readBinding(history.dictionary, history.stored, 'a'), 'app:1');
});

test('a snapshot that shows a commit before its maker adopted it is adopted once', () => {
  const history = new RegistryHistory();
  const other = new RegistryHistory(history.stored);
  const base = history.dictionary.head;
  other.commit({ id: 'a', principal: 'app:1' });
  other.commit({ id: 'a', principal: 'app:2' });
  const late = {
    base,
    head: { ...other.dictionary.head, sequence: 1, root: base.hash, previous: base.hash },
  };
  history.dictionary.follow(history.stored.snapshot(base), base);
  history.dictionary.adopt({ ...late, tree: history.dictionary.tree, buckets: new Map() });
  assert.equal(history.dictionary.head.sequence, 2);
});

test('what was not shown is asked for by number and taken when it is right', () => {
  const history = new RegistryHistory();
  for (let id = 0; id < 5; id += 1) history.commit({ id: `r${id}`, principal: 'app:1' });
  const reader = new Dictionary(historySeal);
  const since = reader.head;
  const hidden = { ...history.stored.snapshot(since), pages: new Map(), buckets: new Map() };
  assert.equal(reader.follow(hidden, since).status, 'advanced');
  assert.ok(reader.hasGaps);
  assert.equal(readBinding(reader, history.stored, 'r1'), 'record-tampered');
  reader.follow(history.stored.snapshot(reader.head, reader.gaps()), reader.head);
  assert.ok(!reader.hasGaps);
  for (let id = 0; id < 5; id += 1) assert.equal(readBinding(reader, history.stored, `r${id}`), 'app:1');
});

const bytesOf = (stamped: ReadonlyMap<number, { readonly bytes: Uint8Array }>) =>
  new Map([...stamped].map(([number, { bytes }]): [number, Uint8Array] => [number, bytes]));

test('a record whose change is not shown is refused, and never answered as it was before', () => {
  for (const part of ['buckets', 'pages'] as const) {
    const history = new RegistryHistory();
    history.commit({ id: 'grant', principal: 'app:1' });
    const reader = new RegistryHistory(history.stored).dictionary;
    const older = history.stored.copy();
    const since = reader.head;
    history.commit({ id: 'grant', principal: 'app:2' });
    const shown = { ...history.stored.snapshot(since), [part]: bytesOf(older[part]) };
    assert.equal(reader.follow(shown, since).status, 'advanced');
    assert.equal(readBinding(reader, older, 'grant'), 'record-tampered');
    assert.equal(readBinding(reader, history.stored, 'grant'), 'record-tampered');
    assert.deepEqual(reader.index.page('binding', { prefix: '', limit: 9 }), []);
  }
});
