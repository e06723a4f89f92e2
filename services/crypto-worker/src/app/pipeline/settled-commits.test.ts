import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettledCommits } from './settled-commits.ts';

interface Question {
  readonly sequence: number;
  readonly answer: (isKnown: boolean) => void;
}

function scene() {
  const questions: Question[] = [];
  const asked: (() => void)[] = [];
  const looked = Promise.withResolvers<void>();
  const state = { sequence: 1 };
  const commits = new SettledCommits({
    registry: { sequence: () => state.sequence },
    readers: {
      know: (sequence) => {
        const { promise, resolve } = Promise.withResolvers<boolean>();
        questions.push({ sequence, answer: resolve });
        asked.shift()?.();
        return promise;
      },
    },
    pause: () => looked.promise,
    settleMs: 100,
  });
  const question = async (at: number): Promise<Question> => {
    while (questions[at] === undefined) await new Promise<void>((resolve) => asked.push(resolve));
    return questions[at];
  };
  return { commits, questions, question, state, letTimePass: () => looked.resolve() };
}

/** Whether it has been settled once everything that is ready has run. */
async function isSettled(settled: Promise<void>): Promise<boolean> {
  const turn = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([settled.then(() => true), turn]);
}

test('a commit is settled when all others know it, without waiting for anything else', async () => {
  const { commits, question } = scene();
  const settled = commits.settled();
  const { sequence, answer } = await question(0);
  assert.equal(sequence, 1);
  assert.equal(await isSettled(settled), false);
  answer(true);
  await settled;
});

test('where one does not show that it knows, everybody gets the time to look by themselves', async () => {
  const { commits, question, letTimePass } = scene();
  const settled = commits.settled();
  (await question(0)).answer(false);
  assert.equal(await isSettled(settled), false);
  letTimePass();
  await settled;
});

test('a question that nobody answers holds a commit no longer than the time to look', async () => {
  const { commits, question, letTimePass } = scene();
  const settled = commits.settled();
  await question(0);
  letTimePass();
  await settled;
});

test('a question that was asked before a commit does not settle it, and what gathers is asked once', async () => {
  const { commits, questions, question, state } = scene();
  const first = commits.settled();
  const { answer } = await question(0);
  state.sequence = 3;
  const later = [commits.settled(), commits.settled()];
  assert.equal(await isSettled(Promise.race(later)), false);
  assert.equal(questions.length, 1, 'one at a time');
  answer(true);
  await first;
  assert.equal(await isSettled(Promise.race(later)), false);
  const next = await question(1);
  assert.equal(next.sequence, 3);
  next.answer(true);
  await Promise.all(later);
  assert.equal(questions.length, 2);
});
