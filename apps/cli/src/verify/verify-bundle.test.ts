import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { AuditFilter, Entry } from '@strongroom/contracts';
import fc from 'fast-check';
import { bodyOf, collect, makeTestExport, TestExport } from '../../testing/test-export.ts';
import { manifestHash } from './bundle-hash.ts';
import { splitLines } from './split-lines.ts';
import { type VerifyResult, verifyBundle } from './verify-bundle.ts';
import { bundleLines } from './write-bundle.ts';

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

async function* bytes(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

const log = makeTestExport();
const size = log.entries.length;
const linesOf = (filter: AuditFilter = {}, from: TestExport = log) =>
  collect(bundleLines(from.pages(filter), { filter, identity: from.identity }));
const verify = (lines: readonly string[], of: TestExport = log): Promise<VerifyResult> =>
  verifyBundle(each(lines), { identityFingerprint: of.fingerprint });
const verifyFile = (content: Uint8Array): Promise<VerifyResult> =>
  verifyBundle(splitLines(bytes(content)), { identityFingerprint: log.fingerprint });

/** A bundle of a log that somebody with all keys but those of the deployment made, or that a writer made wrongly. */
const verifyLog = async (from: TestExport): Promise<VerifyResult> => verify(await linesOf({}, from), from);

test('a bundle of the whole log is genuine, by fingerprint and by key', async () => {
  const lines = await linesOf();
  const expected = {
    verdict: 'genuine',
    entries: size,
    checkpointSize: size,
    origin: 'test-deployment',
    reasons: [],
    completeness: 'every entry up to the checkpoint',
  };
  assert.deepEqual(await verify(lines), expected);
  assert.deepEqual(await verifyBundle(each(lines), { identity: log.identityKey.raw }), expected);
});

test('a bundle of a part is genuine, and says what it proves', async () => {
  const claims: readonly [AuditFilter, RegExp][] = [
    [{ actor: 'user:bob' }, /of this actor or object from its first entry to the last one shown/],
    [{ key: 'default/kek' }, /from its first entry/],
    [{ secret: 'default/mail', from: '2030-01-01T00:00:08.000Z' }, /from the first entry shown/],
    [
      { from: '2030-01-01T00:00:03.000Z', to: '2030-01-01T00:00:09.000Z' },
      /between the first and the last one shown/,
    ],
    [{ from: '2030-01-01T00:00:03.000Z' }, /between the first and the last/],
    [{ outcome: 'refused' }, /entries that were left out would not show/],
    [{ actor: 'user:bob', secret: 'default/database' }, /would not show/],
    [{ actor: 'user:nobody' }, /whether there are later ones/],
  ];
  for (const [filter, claim] of claims) {
    const result = await verify(await linesOf(filter));
    assert.equal(result.verdict, 'genuine', `${JSON.stringify(filter)}: ${result.reasons}`);
    assert.match(result.completeness ?? '', claim);
  }
});

test('every single changed byte is refused', async () => {
  const content = Buffer.from((await linesOf({ key: 'default/kek' })).map((line) => `${line}\n`).join(''));
  assert.equal((await verifyFile(content)).verdict, 'genuine');
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] as number) ^ change;
      const result = await verifyFile(changed);
      assert.equal(result.verdict, 'refused', `byte ${at} changed by ${change}`);
      assert.equal(result.reasons.length, 1);
    }),
    { numRuns: 400 },
  );
});

test('a changed byte of an entry is named by the index of the entry, of the manifest by that word', async () => {
  const lines = await linesOf();
  for (const [at, line] of lines.entries()) {
    const entry = /^\{"entry":\{.*"index":(\d+)/.exec(line);
    if (entry === null && at > 0) continue;
    for (const part of entry === null ? [0.2, 0.5, 0.9] : [0.1, 0.3, 0.6, 0.8]) {
      const place = Math.floor(line.length * part);
      const changed = line.slice(0, place) + (line[place] === 'A' ? 'B' : 'A') + line.slice(place + 1);
      const result = await verify(lines.with(at, changed));
      assert.equal(result.verdict, 'refused');
      if (entry === null) assert.match(result.reasons[0] ?? '', /^manifest: /);
      else assert.equal(result.firstBadIndex, Number(entry[1]), `${part} of ${line}`);
    }
  }
});

test('a changed filter is a changed manifest', async () => {
  const lines = await linesOf({ from: '2030-01-01T00:00:03.000Z' });
  const changed = lines[0]?.replace('00:00:03.000Z', '00:00:02.500Z') ?? '';
  const result = await verify(lines.with(0, changed));
  assert.deepEqual(result.reasons, ['manifest: it is not the one that was written']);
});

test('a changed append message is named by the first entry that came in it', async () => {
  const lines = await linesOf({ outcome: 'refused' });
  const at = lines.findIndex((line) => line.startsWith('{"append"'));
  const { append } = JSON.parse(lines[at] ?? '');
  const first = lines.slice(at).find((line) => line.startsWith('{"entry"')) ?? '';
  for (const changed of [
    { ...append, signature: encodeBytes(new Uint8Array(64)) },
    { ...append, bodyHashes: [...append.bodyHashes, append.bodyHashes[0]] },
    { ...append, worker: log.logKey },
    { ...append, worker: new TestExport().worker },
  ]) {
    const line = JSON.stringify(sorted({ append: changed }));
    const result = await verify(lines.with(at, line));
    assert.deepEqual([result.verdict, result.firstBadIndex], ['refused', JSON.parse(first).entry.index]);
  }
});

/** Members in the order of canonical text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

test('a removed entry is told as missing, even by somebody who writes a new end', async () => {
  const without = async (filter: AuditFilter, removed: (index: number) => boolean) => {
    const left = Object.assign(Object.create(log) as TestExport, {
      entries: log.entries,
      pages: async function* () {
        const chosen = log.entries.filter(({ index, entry }) => matches(entry, filter) && !removed(index));
        yield log.page(chosen);
      },
    });
    return verify(await collect(bundleLines(left.pages(), { filter, identity: log.identity })));
  };
  const matches = (entry: Entry, { actor }: AuditFilter) =>
    actor === undefined || entry.body.actor.id === actor;
  const middle = await without({}, (index) => index === 5);
  assert.deepEqual(
    [middle.verdict, middle.firstBadIndex, middle.reasons],
    ['incomplete', 6, ['entries 5 to 5 are missing']],
  );
  const start = await without({}, (index) => index < 2);
  assert.deepEqual([start.verdict, start.reasons], ['incomplete', ['entries 0 to 1 are missing']]);
  const end = await without({}, (index) => index === size - 1);
  assert.deepEqual([end.verdict, end.firstBadIndex], ['incomplete', size]);
  const all = await without({}, () => true);
  assert.deepEqual([all.verdict, all.reasons], ['incomplete', [`entries 0 to ${size - 1} are missing`]]);
  const second = log.entries.filter(({ entry }) => entry.body.actor.id === 'user:bob')[1]?.index;
  const actor = await without({ actor: 'user:bob' }, (index) => index === second);
  assert.deepEqual(
    [actor.verdict, actor.reasons[0]?.split(' before')[0]],
    ['incomplete', 'numbers 2 to 2 are missing'],
  );
});

test('moved, doubled, foreign and lost lines are refused', async () => {
  const lines = await linesOf();
  // The first of the two entries of its message.
  const entryAt = lines.findIndex((line) => line.includes('"index":1,'));
  const one = lines[entryAt] ?? '';
  const refused = async (changed: readonly string[], reason: RegExp) => {
    const result = await verify(changed);
    assert.equal(result.verdict, 'refused');
    assert.match(result.reasons[0] ?? '', reason);
  };
  await refused(lines.toSpliced(entryAt + 1, 0, one), /not in the order/);
  await refused(lines.slice(0, -1), /ends early/);
  await refused([...lines, one], /more after its end/);
  await refused(lines.toSpliced(-2, 1), new RegExp(`written with ${size} entries`));
  await refused(lines.toSpliced(1, 1), /lacks the append message/);
  await refused(lines.toSpliced(1, 0, lines[1] ?? ''), /there twice/);
  await refused(lines.toSpliced(entryAt, 0, ''), /line \d+ is neither/);
  await refused(lines.toSpliced(0, 1), /manifest: the first line is none/);
  await refused([], /manifest: the bundle is empty/);
});

test('an append message that nobody needs is refused', async () => {
  const other = new TestExport();
  other.append([bodyOf()]);
  other.append([bodyOf()]);
  const page = other.page(other.entries.slice(0, 1));
  async function* pages() {
    yield { ...page, appends: other.appends };
  }
  const filter = { actor: 'user:alice' };
  const result = await verify(
    await collect(bundleLines(pages(), { filter, identity: other.identity })),
    other,
  );
  assert.deepEqual([result.verdict, result.firstBadIndex], ['refused', 1]);
});

test('an append message that the entries have passed by is refused too', async () => {
  const other = new TestExport();
  other.append([bodyOf({}, 'user:bob')]);
  other.append([bodyOf()]);
  const page = other.page(other.entries.slice(1));
  async function* pages() {
    yield { ...page, appends: other.appends };
  }
  const filter = { actor: 'user:alice' };
  const result = await verify(
    await collect(bundleLines(pages(), { filter, identity: other.identity })),
    other,
  );
  assert.deepEqual([result.verdict, result.firstBadIndex], ['refused', 0]);
});

test('the log of another deployment is refused', async () => {
  const result = await verify(await linesOf(), makeTestExport());
  assert.deepEqual(result.reasons, ['manifest: the identity is not the one with this fingerprint']);
});

test('keys that the identity did not certify are refused', async () => {
  const stranger = makeTestExport();
  for (const [name, reason] of [
    ['logKey', /manifest: the log key is not certified/],
    ['worker', /the worker that signed it is not certified/],
  ] as const) {
    const forged = makeTestExport();
    const certificate = stranger[name];
    Object.defineProperty(forged, name, { value: certificate });
    if (name === 'worker') {
      for (const [at, append] of forged.appends.entries())
        forged.appends[at] = { ...append, worker: certificate };
    }
    assert.match((await verifyLog(forged)).reasons[0] ?? '', reason);
  }
});

test('a statement of another kind can not stand in for a certificate', async () => {
  const forged = makeTestExport();
  Object.defineProperty(forged, 'logKey', { value: forged.worker });
  assert.match((await verifyLog(forged)).reasons[0] ?? '', /log key is not certified/);
});

test('a checkpoint that the log key did not sign is refused', async () => {
  const forged = makeTestExport();
  const { logKey } = forged;
  Object.defineProperty(forged, 'logKey', { value: logKey });
  Object.assign(forged, { logKeyPair: makeTestExport().logKeyPair });
  assert.match((await verifyLog(forged)).reasons[0] ?? '', /checkpoint is not signed by the log key/);
});

test('a note of the log key about another log is refused', async () => {
  const forged = makeTestExport();
  Object.assign(forged, { checkpointOrigin: 'another-deployment' });
  assert.match((await verifyLog(forged)).reasons[0] ?? '', /checkpoint is not signed by the log key/);
});

test('an entry that no worker signed is refused, though the writer put it into the tree', async () => {
  const forged = makeTestExport();
  forged.append([bodyOf()], (entry) => ({ ...entry, body: { ...entry.body, operation: 'secret.destroy' } }));
  const result = await verifyLog(forged);
  assert.deepEqual([result.firstBadIndex, result.reasons], [size, ['no worker signed it']]);
});

test('an entry in the name of another worker, or of a key that was not in force, is refused', async () => {
  const named = makeTestExport();
  named.append([bodyOf({ worker: 'worker-2' })]);
  assert.deepEqual((await verifyLog(named)).reasons, ['it names another worker than the one that signed it']);
  const late = makeTestExport();
  late.append([bodyOf()], (entry) => ({
    ...entry,
    placement: { ...entry.placement, at: '2031-01-01T00:02:00.000Z' },
  }));
  assert.deepEqual((await verifyLog(late)).reasons, ['the key of its worker was not in force']);
});

test('a writer that counts wrongly is seen', async () => {
  const place = (change: Partial<Entry['placement']>) => (entry: Entry) => ({
    ...entry,
    placement: { ...entry.placement, ...change },
  });
  const cases: readonly [Partial<Entry['placement']>, RegExp][] = [
    [{ actorSeq: 1 }, /does not follow/],
    [{ actorSeq: 99 }, /does not follow/],
    [{ objectSeqs: [1] }, /does not follow/],
    [{ objectSeqs: [] }, /lacks numbers/],
    [{ at: '2029-12-31T00:00:00.000Z' }, /earlier than/],
  ];
  for (const [change, reason] of cases) {
    const wrong = makeTestExport();
    wrong.append([bodyOf()], place(change));
    const result = await verifyLog(wrong);
    assert.equal(result.firstBadIndex, size);
    assert.match(result.reasons[0] ?? '', reason);
  }
});

test('an entry that the filter does not ask for is refused', async () => {
  const filter = { actor: 'user:bob' };
  async function* pages() {
    yield log.page(log.entries);
  }
  const lines = await collect(bundleLines(pages(), { filter, identity: log.identity }));
  assert.match((await verify(lines)).reasons[0] ?? '', /none that the filter/);
});

test('whatever the input is, there is a verdict', async () => {
  const lines = await linesOf();
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom(...lines),
    fc.constantFrom(...lines).map((text) => text.slice(0, text.length / 2)),
    fc.record({ entry: fc.anything() }).map((value) => JSON.stringify(value) ?? ''),
    fc.record({ append: fc.anything() }).map((value) => JSON.stringify(value) ?? ''),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.boolean(), async (some, isOpened) => {
      const result = await verify(isOpened ? [lines[0] ?? '', ...some] : some);
      assert.ok(['genuine', 'incomplete', 'refused'].includes(result.verdict));
      assert.equal(result.verdict === 'genuine', result.reasons.length === 0);
    }),
    { numRuns: 300 },
  );
});

test('manifests of any values get a verdict', async () => {
  const [first = ''] = await linesOf();
  const { manifest } = JSON.parse(first);
  const text = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.constantFrom(manifest.identity, manifest.checkpoint),
  );
  const statement = fc.constantFrom(manifest.logKey, log.worker, {
    ...manifest.logKey,
    signature: 'A'.repeat(86),
  });
  const changed = fc.record({ identity: text, checkpoint: text, logKey: statement });
  await fc.assert(
    fc.asyncProperty(changed, async (change) => {
      const hostile = { ...manifest, ...change };
      const result = await verify([
        JSON.stringify(sorted({ hash: manifestHash(hostile), manifest: hostile })),
      ]);
      assert.match(result.reasons[0] ?? '', /^(manifest: |the bundle ends early)/);
    }),
  );
});

test('pages that do not belong together make no bundle', async () => {
  const other = makeTestExport();
  async function* pages() {
    yield log.page(log.entries.slice(0, 3));
    yield other.page(other.entries.slice(3));
  }
  await assert.rejects(collect(bundleLines(pages(), { filter: {}, identity: log.identity })), {
    code: 'reply-invalid',
  });
  await assert.rejects(collect(bundleLines(each([]) as never, { filter: {}, identity: log.identity })), {
    code: 'reply-invalid',
  });
});
