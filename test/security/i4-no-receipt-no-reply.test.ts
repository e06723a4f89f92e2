import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, done, eventually, group, kms, startDeployment, wrap } from './kit/deployment.ts';
import { flipped, type Lie, startHostileAudit } from './kit/hostile-audit.ts';

const refusalMsMax = 250;

test('I4: without a receipt that verifies no result leaves', async (context) => {
  const deployment = await startDeployment(context);
  const { stack, app, operator } = deployment;
  const { keyId, ciphertext } = await wrap(app);
  const unwrap = () => done(app, 'kms.unwrap', { ...kms, keyId, ciphertext }, { isOnce: true });
  await done(app, 'kms.unwrap', { ...kms, keyId, ciphertext });

  const refusedInTime = async (code: string) => {
    // The fastest of a few: the bound is on the platform, not on a busy machine.
    const timesMs: number[] = [];
    for (let tried = 0; tried < 5; tried += 1) {
      const startedMs = performance.now();
      assert.equal(await codeOf(unwrap()), code);
      timesMs.push(performance.now() - startedMs);
    }
    assert.ok(Math.min(...timesMs) < refusalMsMax, `${timesMs.map(Math.round).join(', ')} ms`);
  };

  await context.test('audit stopped: refused in time; running again: served again', async () => {
    stack.signal('audit', 'SIGSTOP');
    await refusedInTime('audit-unavailable');
    assert.equal(
      await codeOf(done(operator, 'key.create', { group, name: 'unseen', purpose: 'kek' }, { isOnce: true })),
      'audit-unavailable',
    );
    stack.signal('audit', 'SIGCONT');
    await eventually('the log is back', 10_000, async () =>
      (await codeOf(unwrap())) === 'done' ? true : undefined,
    );
    assert.equal(await codeOf(done(operator, 'key.describe', { group, name: 'unseen' })), 'absent');
  });

  await context.test('audit gone: refused in time', async () => {
    await stack.kill('audit');
    await refusedInTime('audit-unavailable');
  });

  const hostile = await startHostileAudit(deployment, 1_000);
  await context.test('the hostile log is believed while it keeps the protocol', async () => {
    await eventually('answers of the taken-over log', 5_000, async () =>
      (await codeOf(unwrap())) === 'done' ? true : undefined,
    );
  });

  // Every worker reads from the HSM which writer was certified last, at most every half second.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const lies: Readonly<Record<string, Lie>> = {
    'a wrong signature': (honest) => ({
      ...honest,
      runs: honest.runs.map((run) => ({ ...run, signature: flipped(run.signature) })),
    }),
    'another place in the log': (honest) => ({
      ...honest,
      runs: honest.runs.map((run) => ({ ...run, first: run.first + 1 })),
    }),
    "another entry's receipt": (_honest, { answer, other, current }) =>
      answer({ ...other, operation: 'kms.describe' }, current),
    'an older epoch': (_honest, { old, answer, body }) => answer(body, old),
    'another placement': (honest) => ({
      ...honest,
      runs: honest.runs.map((run) => ({
        ...run,
        receipts: run.receipts.map((receipt) => ({
          ...receipt,
          placement: { ...receipt.placement, actorSeq: receipt.placement.actorSeq + 1 },
        })),
      })),
    }),
    'no receipt at all': (honest) => ({ ...honest, runs: [] }),
  };
  for (const [name, lie] of Object.entries(lies)) {
    await context.test(`${name}: refused, and nothing leaves`, async () => {
      hostile.lie = lie;
      const asked = hostile.asked;
      const code = await codeOf(unwrap());
      assert.ok(['receipt-invalid', 'audit-unavailable'].includes(code), code);
      assert.ok(hostile.asked > asked, 'the liar was asked');
    });
  }
  hostile.lie = undefined;
  await unwrap();
});
