/** The file for auditors and the verifier of the CLI are two programs: here they are held to one verdict. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AuditFilter } from '@strongroom/contracts';
import fc from 'fast-check';
import { bodyOf, collect, makeTestExport, TestExport } from '../../testing/test-export.ts';
import { matchesFilter } from './matches-filter.ts';
import { splitLines } from './split-lines.ts';
import { type VerifyResult, verifyBundle } from './verify-bundle.ts';
import { bundleLines } from './write-bundle.ts';

type Verify = (chunks: AsyncIterable<Uint8Array>, fingerprint: string) => Promise<VerifyResult>;

const file = new URL('../../bin/verify-bundle.mjs', import.meta.url);
const { verify: verifyAlone } = (await import(file.href)) as { readonly verify: Verify };

async function* bytes(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 4_096) yield content.subarray(at, at + 4_096);
}

const log = makeTestExport();
const filters: readonly AuditFilter[] = [
  {},
  { actor: 'user:bob' },
  { key: 'default/kek' },
  { secret: 'default/mail', from: '2030-01-01T00:00:08.000Z' },
  { from: '2030-01-01T00:00:03.000Z', to: '2030-01-01T00:00:09.000Z' },
  { outcome: 'refused' },
  { actor: 'user:*', operation: 'secret.*' },
  { anyOf: [{ actor: 'app:billing' }, { outcome: 'refused' }] },
  { actor: 'user:nobody' },
];
const contentOf = async (lines: readonly string[] | Promise<string[]>) =>
  Buffer.from((await lines).map((line) => `${line}\n`).join(''));
const bundleOf = (filter: AuditFilter, of: TestExport = log) =>
  collect(bundleLines(of.pages(filter), { filter, identity: of.identity }));

async function bothOf(content: Uint8Array, fingerprint = log.fingerprint) {
  const [own, alone] = await Promise.all([
    verifyBundle(splitLines(bytes(content)), { identityFingerprint: fingerprint }),
    verifyAlone(bytes(content), fingerprint),
  ]);
  const verdict = ({ verdict, entries, firstBadIndex }: VerifyResult) => ({
    verdict,
    entries,
    firstBadIndex,
  });
  return { own: verdict(own), alone: verdict(alone), told: `${own.reasons} / ${alone.reasons}` };
}

test('it has at most 300 lines, all that is in it counted, and needs nothing but Node', () => {
  const text = readFileSync(file, 'utf8');
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.length <= 300, `${lines.length} lines`);
  // So many characters that a line is read at one glance.
  for (const line of lines) assert.ok(line.length <= 140, line);
  for (const [, from] of text.matchAll(/from '([^']+)'/g)) assert.match(from ?? '', /^node:/);
});

test('what is genuine to one is genuine to the other', async () => {
  for (const filter of filters) {
    const { own, alone, told } = await bothOf(await contentOf(bundleOf(filter)));
    assert.equal(own.verdict, 'genuine', told);
    assert.deepEqual(alone, own, `${JSON.stringify(filter)}: ${told}`);
  }
});

/** Where in the file each kind of byte is: every member of every kind of line. */
function bytePlaces(content: Buffer): readonly number[] {
  const places: number[] = [];
  const classes = new Map<string, number>();
  const text = content.toString('latin1');
  for (const { index, 0: found, 1: member = '', 2: value = '' } of text.matchAll(
    /"([A-Za-z]+)":("[^"]*")?/g,
  )) {
    const seen = classes.get(member) ?? 0;
    classes.set(member, seen + 1);
    if (seen >= 4) continue;
    const from = index + found.length - value.length;
    places.push(index + 1, from, from + 2, from + 17);
    // The last character of a hash or a signature, some bits of which stand for nothing.
    if (value.length > 40) places.push(from + value.length - 2);
  }
  return places.filter((place) => place < content.length);
}

test('each changed byte of every class is refused by both, at the same entry', async () => {
  let mutations = 0;
  for (const filter of [{}, { key: 'default/kek' }, { anyOf: [{ actor: 'user:bob' }] }]) {
    const content = await contentOf(bundleOf(filter));
    for (const place of bytePlaces(content)) {
      const changed = Buffer.from(content);
      changed[place] = (changed[place] as number) ^ 1;
      const { own, alone, told } = await bothOf(changed);
      assert.equal(own.verdict, 'refused', told);
      assert.deepEqual(alone, own, `byte ${place}: ${told}`);
      mutations += 1;
    }
  }
  assert.ok(mutations >= 200, `${mutations} mutations`);
});

test('any byte, to any value', async () => {
  const content = await contentOf(bundleOf({ secret: 'default/database' }));
  await fc.assert(
    fc.asyncProperty(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] as number) ^ change;
      const { own, alone, told } = await bothOf(changed);
      assert.equal(own.verdict, 'refused');
      assert.deepEqual(alone, own, `byte ${at} by ${change}: ${told}`);
    }),
    { numRuns: 200 },
  );
});

test('a roll call proves that not even the newest entry is left out', async () => {
  for (const [kind, name] of [
    ['actor', 'user:bob'],
    ['actor', 'user:carol'],
    ['secret', 'default/mail'],
    ['key', 'default/never'],
  ] as const) {
    const from = makeTestExport();
    const counts = { kind, name };
    const call = bodyOf({ operation: 'audit.roll-call', objects: [], counts }, 'user:carol');
    from.append([call, bodyOf({}, 'user:bob')]);
    const subject = { [kind]: name };
    const filter: AuditFilter = { anyOf: [subject, { requestId: call.requestId }] };
    const check = async (log: TestExport, asked = filter) =>
      bothOf(await contentOf(bundleOf(asked, log)), from.fingerprint);
    const whole = await check(from);
    assert.deepEqual([whole.own.verdict, whole.alone], ['genuine', whole.own], whole.told);
    assert.match(whole.told, /^ \/ $/);
    const at = from.entries.findIndex(({ entry }) => entry.body === call);
    const newest = from.entries.slice(0, at).findLastIndex(({ entry }) => matchesFilter(entry, subject));
    for (const [left, isLeftOut] of [
      [newest, newest >= 0],
      [at, true],
    ] as const) {
      if (!isLeftOut) continue;
      const kept = async function* () {
        const chosen = from.entries.filter(
          ({ index, entry }) => index !== left && matchesFilter(entry, filter),
        );
        yield from.page(chosen);
      };
      const lines = await collect(bundleLines(kept(), { filter, identity: from.identity }));
      const { own, alone, told } = await bothOf(await contentOf(lines), from.fingerprint);
      assert.deepEqual([own.verdict, alone], ['incomplete', own], `${name} without ${left}: ${told}`);
    }
    // The roll call about somebody else is none about this one.
    const other = await check(from, { anyOf: [{ actor: 'app:billing' }, { requestId: call.requestId }] });
    assert.deepEqual([other.own.verdict, other.alone], ['incomplete', other.own], other.told);
  }
});

test('lines lost, doubled and exchanged, and a file that is cut', async () => {
  const lines = await bundleOf({});
  for (let at = 0; at < lines.length; at += 2) {
    const line = lines[at] as string;
    const other = lines[(at + 3) % lines.length] as string;
    const changes = [
      lines.toSpliced(at, 1),
      lines.toSpliced(at, 0, line),
      lines.with(at, other),
      lines.slice(0, at),
    ];
    for (const changed of changes) {
      const { own, alone, told } = await bothOf(await contentOf(changed));
      assert.notEqual(own.verdict, 'genuine');
      assert.deepEqual(alone, own, `line ${at}: ${told}`);
    }
  }
});

test('a log that its writer or a stranger made wrongly', async () => {
  const wrongs: ((from: TestExport) => void)[] = [
    (from) => Object.assign(from, { workerKeys: new TestExport().workerKeys }),
    (from) => Object.assign(from, { logKeyPair: new TestExport().logKeyPair }),
    (from) => Object.assign(from, { checkpointOrigin: 'another' }),
    (from) => {
      const leaves = from.entries.map(({ leaf }) => leaf).reverse();
      for (const [at, leaf] of leaves.entries()) Object.assign(from.entries[at] as object, { leaf });
    },
    (from) => from.appends.pop(),
    (from) =>
      from.append([bodyOf()], (entry) => ({
        ...entry,
        body: { ...entry.body, operation: 'secret.destroy' },
      })),
    (from) =>
      from.append([bodyOf()], (entry) => ({ ...entry, placement: { ...entry.placement, actorSeq: 99 } })),
  ];
  for (const spoil of wrongs) {
    const from = makeTestExport();
    spoil(from);
    const { own, alone, told } = await bothOf(await contentOf(bundleOf({}, from)), from.fingerprint);
    assert.deepEqual(alone, own, told);
  }
  // Entries left out by somebody who writes a new end.
  for (const filter of [
    {},
    { actor: 'user:bob' },
    { key: 'default/kek' },
    { from: '2030-01-01T00:00:02.000Z' },
  ]) {
    const from = makeTestExport();
    from.entries.splice(9, 4);
    const page = { ...log.page(from.entries) };
    const kept = async function* () {
      for await (const one of log.pages(filter)) {
        yield {
          ...page,
          entries: one.entries.filter(({ index }) => index < 9 || index > 12),
          appends: one.appends,
        };
      }
    };
    const { own, alone, told } = await bothOf(
      await contentOf(collect(bundleLines(kept(), { filter, identity: log.identity }))),
    );
    assert.notEqual(own.verdict, 'genuine');
    assert.deepEqual(alone, own, `${JSON.stringify(filter)}: ${told}`);
  }
});

test('it is a program: a verdict as JSON, and the exit status says it too', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'strongroom-verify-'));
  try {
    const bundle = path.join(folder, 'bundle.ndjson');
    const run = (fingerprint: string) =>
      spawnSync(process.execPath, [fileURLToPath(file), bundle, fingerprint], { encoding: 'utf8' });
    writeFileSync(bundle, await contentOf(bundleOf({})));
    const { status, stdout } = run(log.fingerprint);
    assert.deepEqual([status, JSON.parse(stdout).verdict], [0, 'genuine']);
    assert.equal(run(new TestExport().fingerprint).status, 2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
