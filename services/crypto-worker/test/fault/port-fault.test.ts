/** Each outbound step of a mutation fails twice: not applied, and applied but the reply lost. One oracle looks at what is left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EntryBody, newRequestId } from '@strongroom/contracts';
import { assertNothingIsLeftOpen } from '../../testing/log-oracle.ts';
import type { PortFault } from '../../testing/test-worker.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const kek = { group: 'default', name: 'kek', purpose: 'kek' } as const;
const inPhase = (phase: string) => (body: unknown) => (body as EntryBody).phase === phase;

interface Case {
  readonly what: string;
  readonly fault: PortFault;
  /** What the caller is told at once, and what the same request is told after reconciliation. */
  readonly told: string;
  readonly later: string;
}

const fault = (method: string, kind: PortFault['kind'], code: PortFault['code'], when?: PortFault['when']) =>
  ({ method, kind, code, ...(when === undefined ? {} : { when }) }) satisfies PortFault;
const unavailable = 'database-unavailable';
const silent = 'audit-unavailable';

const cases: readonly Case[] = [
  {
    what: 'opening the intent',
    fault: fault('openIntent', 'not-applied', unavailable),
    told: unavailable,
    later: 'done',
  },
  {
    what: 'opening the intent, unheard',
    fault: fault('openIntent', 'reply-lost', unavailable),
    told: unavailable,
    later: 'outcome-unknown',
  },
  {
    what: 'the intent entry',
    fault: fault('append', 'not-applied', silent, inPhase('intent')),
    told: silent,
    later: silent,
  },
  {
    what: 'the intent entry, unheard',
    fault: fault('append', 'reply-lost', silent, inPhase('intent')),
    told: silent,
    later: silent,
  },
  {
    what: 'the intent entry, with a receipt that does not hold',
    fault: fault('append', 'reply-lost', 'receipt-invalid', inPhase('intent')),
    told: 'receipt-invalid',
    later: 'receipt-invalid',
  },
  {
    what: 'making the key',
    fault: fault('createKey', 'not-applied', 'hsm-unavailable'),
    told: 'hsm-unavailable',
    later: 'hsm-unavailable',
  },
  {
    what: 'making the key, unheard',
    fault: fault('createKey', 'reply-lost', 'outcome-unknown'),
    told: 'outcome-unknown',
    later: 'outcome-unknown',
  },
  {
    what: 'the commit',
    fault: fault('commit', 'not-applied', unavailable),
    told: unavailable,
    later: unavailable,
  },
  {
    what: 'the commit, unheard',
    fault: fault('commit', 'reply-lost', 'outcome-unknown'),
    told: 'outcome-unknown',
    later: 'done',
  },
  {
    what: 'the outcome entry',
    fault: fault('append', 'not-applied', silent, inPhase('outcome')),
    told: 'done',
    later: 'done',
  },
  {
    what: 'the outcome entry, unheard',
    fault: fault('append', 'reply-lost', silent, inPhase('outcome')),
    told: 'done',
    later: 'done',
  },
  {
    what: 'closing the intent',
    fault: fault('closeIntent', 'not-applied', unavailable),
    told: 'done',
    later: 'done',
  },
  {
    what: 'closing the intent, unheard',
    fault: fault('closeIntent', 'reply-lost', unavailable),
    told: 'done',
    later: 'done',
  },
];

for (const { what, fault: injected, told, later } of cases)
  test(`${what} fails (${injected.kind}): told ${told}, later ${later}`, async () => {
    const { deployment, worker, alice } = await WorkerScene.set();
    const requestId = newRequestId();
    worker.failNext(injected);
    const create = () => alice.call(worker, 'key.create', kek, { requestId });
    assert.equal(codeOf(await create()), told);
    await worker.worker.reconcile();
    await assertNothingIsLeftOpen(deployment);
    assert.equal(codeOf(await create()), later);
    await worker.worker.reconcile();
    await assertNothingIsLeftOpen(deployment);
    assert.equal(worker.worker.inFlight.size, 0);
    const record = await deployment.registry.read('key', 'default/kek');
    assert.equal(record !== undefined, later === 'done');
  });

for (const kind of ['not-applied', 'reply-lost'] as const)
  test(`a log that stays silent leaves an outcome open, and has it once it answers (${kind})`, async () => {
    const { deployment, worker, alice } = await WorkerScene.set();
    for (let tries = 0; tries < 10; tries += 1)
      worker.failNext(fault('append', kind, silent, inPhase('outcome')));
    const requestId = newRequestId();
    const create = () => alice.call(worker, 'key.create', kek, { requestId });
    assert.equal(codeOf(await create()), 'outcome-unknown');
    await worker.worker.reconcile();
    await assertNothingIsLeftOpen(deployment);
    assert.equal(codeOf(await create()), 'done');
  });

test('a refusal that can not be kept is an outcome that is not known', async () => {
  const { deployment, worker, alice } = await WorkerScene.set();
  worker.failNext(fault('commit', 'not-applied', unavailable));
  worker.failNext(fault('commit', 'not-applied', unavailable));
  const requestId = newRequestId();
  const create = () => alice.call(worker, 'key.create', kek, { requestId });
  assert.equal(codeOf(await create()), 'outcome-unknown');
  await worker.worker.reconcile();
  await assertNothingIsLeftOpen(deployment);
  assert.equal(codeOf(await create()), 'outcome-unknown');
});

test('two requests of one id at the same time have one effect', async () => {
  const { deployment, worker, alice } = await WorkerScene.set();
  const requestId = newRequestId();
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => alice.call(worker, 'key.create', kek, { requestId })),
  );
  const codes = answers.map(codeOf).sort();
  assert.ok(codes.includes('done'), codes.join());
  assert.ok(
    codes.every((code) => ['done', 'outcome-unknown', 'request-replayed'].includes(code)),
    codes.join(),
  );
  assert.equal((await deployment.hsm.listKeys(`strongroom/key/${requestId}/`)).length, 1);
  await assertNothingIsLeftOpen(deployment);
  assert.equal(codeOf(await alice.call(worker, 'key.create', kek, { requestId })), 'done');
});
