/** Checkpoints on their way to witnesses: who cosigns, who is behind, who lies, and what is served and exported meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyRoot } from '@strongroom/merkle';
import { makeCosignCheckpoints } from '../../src/app/cosign-checkpoints.ts';
import { makeFetchNodes } from '../../src/app/fetch-nodes.ts';
import { makeReadTiles } from '../../src/app/read-tiles.ts';
import { parseWitnessList } from '../../src/domain/witness-list.ts';
import type { CosignAnswer } from '../../src/ports/cosigner.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { TestCosigner } from '../../testing/test-cosigner.ts';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog } from '../../testing/test-log.ts';

async function scene(names: readonly string[], cosignaturesMin = 0) {
  const [deployment, memory] = [new TestDeployment(), new MemoryLog()];
  const stores = { store: memory, checkpoints: memory, reader: memory };
  const log = makeTestLog({ deployment, witness: deployment.witness(), ...stores, cosignaturesMin });
  await log.keeper.bringUp();
  const witnesses = names.map((name) => new TestCosigner(name));
  const trouble: (string | undefined)[][] = [];
  const rollbacks: string[] = [];
  const round = makeCosignCheckpoints({
    witnesses,
    checkpoints: memory,
    fetchNodes: makeFetchNodes(memory),
    clock: log.clock,
    onTrouble: (...told) => trouble.push(told),
    onRollback: (reason) => rollbacks.push(reason),
  });
  const grow = async (count = 3) => {
    await log.append(
      deployment.worker(),
      Array.from({ length: count }, () => bodyOf()),
    );
    await log.keeper.bringUpToDate();
  };
  const checkpoint = async () => {
    const readTiles = makeReadTiles({ store: memory, checkpoints: memory, cosignaturesMin });
    return Buffer.from((await readTiles({ kind: 'checkpoint' })) ?? []).toString();
  };
  return { ...log, memory, witnesses, round, trouble, rollbacks, grow, checkpoint };
}

test('each witness cosigns each checkpoint once, and the note carries their lines', async () => {
  const { round, grow, witnesses, memory, checkpoint, exportPage } = await scene(['a.example', 'b.example']);
  for (let time = 0; time < 3; time += 1) {
    await grow();
    await round.ask();
    await round.ask();
  }
  assert.deepEqual(
    witnesses.map(({ asked, seen }) => [asked, seen.size]),
    [
      [3, 9],
      [3, 9],
    ],
  );
  assert.equal(memory.cosignatureRows.length, 6);
  assert.match(await checkpoint(), /\n— a\.example .*\n— b\.example .*\n$/);
  assert.equal((await exportPage({ filter: {}, limit: 5 })).cosignatures?.length, 2);
});

test('a witness that knows another size is asked again from there', async () => {
  const { round, grow, witnesses, trouble } = await scene(['a.example']);
  await grow();
  await round.ask();
  const [witness] = witnesses as [TestCosigner];
  const before = witness.seen;
  await grow();
  await round.ask();
  // Its answer to the last one was lost on its own side.
  witness.seen = before;
  await grow();
  await round.ask();
  assert.deepEqual([witness.seen.size, trouble], [9, []]);
});

test('a witness that is away, refuses or lies is told of once, lags, and holds up nobody', async () => {
  const { round, grow, witnesses, trouble, clock, memory } = await scene(['a.example', 'b.example']);
  const [away, other] = witnesses as [TestCosigner, TestCosigner];
  const answers: (() => CosignAnswer)[] = [
    () => {
      throw new Error('no route');
    },
    () => ({ status: 'refused', reason: '422 a fork' }),
    () => ({ status: 'cosigned', lines: ['not a line'] }),
    () => ({ status: 'cosigned', lines: [other.line('log\n1\nx\n')] }),
    () => ({ status: 'cosigned', lines: [away.line('log\n1\nx\n')] }),
  ];
  for (const answer of answers) {
    away.answer = answer;
    await grow();
    await round.ask();
    await round.ask();
    clock.advance(1_000);
  }
  const size = 3 * answers.length;
  assert.equal(other.seen.size, size);
  assert.deepEqual(round.lag(), [
    { name: 'a.example', entries: size, behindMs: 5_000 },
    { name: 'b.example', entries: 0, behindMs: 0 },
  ]);
  assert.deepEqual(
    trouble.map(([, reason]) => reason),
    ['no answer', '422 a fork', 'its answer is no cosignature of its key'],
  );
  assert.ok(memory.cosignatureRows.every(({ witness }) => witness === 'b.example'));
  away.answer = undefined;
  await round.ask();
  assert.deepEqual([trouble.at(-1), round.lag()[0]?.behindMs], [['a.example', undefined], 0]);
});

test('a witness that cosigned more than the log has shows that it was rolled back', async () => {
  const { round, grow, witnesses, rollbacks } = await scene(['a.example']);
  await grow();
  (witnesses[0] as TestCosigner).seen = { size: 50, root: emptyRoot };
  await round.ask();
  assert.deepEqual(rollbacks, ['witness a.example has cosigned 50 entries, the log has 3']);
});

test('what has too few cosignatures is neither served nor exported', async () => {
  const { round, grow, witnesses, checkpoint, exportPage } = await scene(['a.example', 'b.example'], 2);
  await grow();
  await assert.rejects(exportPage({ filter: {}, limit: 5 }), { code: 'audit-unavailable' });
  assert.equal(await checkpoint(), '');
  await round.ask();
  assert.equal((await exportPage({ filter: {}, limit: 5 })).checkpointSize, 3);
  (witnesses[1] as TestCosigner).answer = () => ({ status: 'refused', reason: '500' });
  await grow();
  await round.ask();
  assert.equal((await exportPage({ filter: {}, limit: 5 })).checkpointSize, 3);
  assert.match(await checkpoint(), /^test-deployment\n3\n/);
});

test('a list of witnesses is read line by line, and says which line is wrong', () => {
  const key = 'witness.example.com/w1+';
  for (const [list, problem] of [
    ['# nobody\n\n', undefined],
    [`${key} https://w.example`, /line 1: no key/],
    ['x', /line 1: no key/],
  ] as const) {
    const parsed = parseWitnessList(list);
    if (problem === undefined) assert.deepEqual(parsed, []);
    else assert.match(String(parsed), problem);
  }
});
