import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedTask } from './repeated-task.ts';

const hour = 3_600_000;

/** A task whose runs the test starts to count and ends by hand. */
function steppedTask(options: { readonly everyMs: number; readonly runAtStop?: boolean }) {
  const runs: PromiseWithResolvers<void>[] = [];
  const errors: unknown[] = [];
  let started = Promise.withResolvers<void>();
  const task = new RepeatedTask({
    ...options,
    task: () => {
      const run = Promise.withResolvers<void>();
      runs.push(run);
      started.resolve();
      return run.promise;
    },
    onError: (error) => errors.push(error),
  });
  const nextRun = async () => {
    await started.promise;
    started = Promise.withResolvers<void>();
    return runs.at(-1) as PromiseWithResolvers<void>;
  };
  return { task, runs, errors, nextRun };
}

test('it goes on after a failed run and reports it', async () => {
  const { task, errors, nextRun } = steppedTask({ everyMs: 1 });
  task.start();
  const failure = new Error('no');
  (await nextRun()).reject(failure);
  (await nextRun()).resolve();
  await task.stop();
  assert.deepEqual(errors, [failure]);
});

test('stop waits for the run under way, and runs once more where asked', async () => {
  const { task, runs, nextRun } = steppedTask({ everyMs: hour, runAtStop: true });
  task.start();
  const first = await nextRun();
  let isStopped = false;
  const stopped = task.stop().then(() => {
    isStopped = true;
  });
  first.resolve();
  const last = await nextRun();
  assert.equal(isStopped, false);
  last.resolve();
  await stopped;
  assert.equal(runs.length, 2);
});

test('what never started does not run at its stop', async () => {
  const { task, runs } = steppedTask({ everyMs: hour, runAtStop: true });
  await task.stop();
  assert.equal(runs.length, 0);
});
