import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FrameQueue } from './frame-queue.ts';

interface Exchange {
  readonly frames: readonly Uint8Array[];
  readonly signal: AbortSignal;
  readonly tell: (number: number, answer: Uint8Array) => void;
  readonly end: () => void;
  readonly fail: (fault: unknown) => void;
}

/** A queue whose exchanges the test answers. */
function queue() {
  const exchanges: Exchange[] = [];
  const start = (frames: readonly Uint8Array[], signal: AbortSignal, tell: Exchange['tell']) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    exchanges.push({ frames, signal, tell, end: resolve, fail: reject });
    return promise;
  };
  const frameQueue = new FrameQueue({
    one: async (frame, signal) => {
      let answer = frame;
      await start([frame], signal, (_number, told) => {
        answer = told;
      });
      return answer;
    },
    many: start,
  });
  const ask = (octet: number, signal = new AbortController().signal) =>
    frameQueue.exchange(Uint8Array.of(octet), signal);
  return { exchanges, ask };
}

const octets = ({ frames }: Exchange) => frames.map(([octet]) => octet);
const answer = (exchange: Exchange) => {
  for (const [number, frame] of exchange.frames.entries()) exchange.tell(number, frame);
  exchange.end();
};

test('what is asked alone goes alone', async () => {
  const { exchanges, ask } = queue();
  const asked = ask(1);
  await turn();
  assert.deepEqual(exchanges.map(octets), [[1]]);
  exchanges.forEach(answer);
  assert.deepEqual(await asked, Uint8Array.of(1));
});

test('what is asked together goes together, and each gets its own answer as it comes', async () => {
  const { exchanges, ask } = queue();
  const asked = [1, 2, 3].map((octet) => ask(octet));
  await turn();
  assert.deepEqual(exchanges.map(octets), [[1, 2, 3]]);
  exchanges[0]?.tell(1, Uint8Array.of(20));
  assert.deepEqual(await asked[1], Uint8Array.of(20));
  exchanges[0]?.tell(0, Uint8Array.of(10));
  exchanges[0]?.tell(2, Uint8Array.of(30));
  exchanges[0]?.end();
  assert.deepEqual(await Promise.all(asked), [Uint8Array.of(10), Uint8Array.of(20), Uint8Array.of(30)]);
});

test('no exchange carries more than its bound', async () => {
  const { exchanges, ask } = queue();
  const asked = Array.from({ length: 70 }, (_, octet) => ask(octet));
  await turn();
  assert.deepEqual(
    exchanges.map(({ frames }) => frames.length),
    [32, 32, 6],
  );
  exchanges.forEach(answer);
  assert.equal((await Promise.all(asked)).length, 70);
});

test('with some exchanges under way the rest gathers, and leaves when one of them ends', async () => {
  const { exchanges, ask } = queue();
  const asked: Promise<Uint8Array>[] = [];
  for (let octet = 0; octet < 4; octet += 1) {
    asked.push(ask(octet));
    await turn();
  }
  asked.push(ask(4), ask(5));
  await turn();
  assert.equal(exchanges.length, 4);
  answer(exchanges[0] as Exchange);
  await asked[0];
  await turn();
  assert.deepEqual(octets(exchanges[4] as Exchange), [4, 5]);
  exchanges.slice(1).forEach(answer);
  await Promise.all(asked);
});

test('a slow exchange holds nobody up', async () => {
  const { exchanges, ask } = queue();
  for (let octet = 0; octet < 4; octet += 1) {
    void ask(octet);
    await turn();
  }
  const late = ask(9);
  while (exchanges.length < 5) await turn();
  answer(exchanges[4] as Exchange);
  assert.deepEqual(await late, Uint8Array.of(9));
});

test('who leaves before the frame is sent, is not sent; who leaves later, is not waited for', async () => {
  const { exchanges, ask } = queue();
  const [gone, leaving] = [new AbortController(), new AbortController()];
  const never = ask(1, gone.signal);
  gone.abort(new Error('gone'));
  const asked = [ask(2, leaving.signal), ask(3, leaving.signal)];
  await assert.rejects(never, /gone/);
  await turn();
  assert.deepEqual(exchanges.map(octets), [[2, 3]]);
  assert.equal(exchanges[0]?.signal.aborted, false);
  exchanges[0]?.tell(0, Uint8Array.of(2));
  leaving.abort(new Error('left'));
  assert.deepEqual(await asked[0], Uint8Array.of(2));
  await assert.rejects(asked[1] as Promise<unknown>, /left/);
  assert.equal(exchanges[0]?.signal.aborted, true, 'nobody waits for the exchange any more');
});

test('what an exchange did not answer fails as the exchange did', async () => {
  const { exchanges, ask } = queue();
  const asked = [ask(1), ask(2)];
  await turn();
  exchanges[0]?.tell(0, Uint8Array.of(1));
  exchanges[0]?.fail(new Error('lost'));
  assert.deepEqual(await asked[0], Uint8Array.of(1));
  await assert.rejects(asked[1] as Promise<unknown>, /lost/);
});

test('an answer with a number that was not asked, or a second one, changes nothing', async () => {
  const { exchanges, ask } = queue();
  const asked = [ask(1), ask(2)];
  await turn();
  const [exchange] = exchanges as [Exchange];
  exchange.tell(7, Uint8Array.of(7));
  exchange.tell(0, Uint8Array.of(1));
  exchange.tell(0, Uint8Array.of(9));
  exchange.tell(1, Uint8Array.of(2));
  exchange.end();
  assert.deepEqual(await Promise.all(asked), [Uint8Array.of(1), Uint8Array.of(2)]);
});
