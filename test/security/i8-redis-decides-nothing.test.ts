import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { codeOf, done, group, startDeployment, wrap } from './kit/deployment.ts';

const rounds = 40;

test('I8: flushing and poisoning Redis under load changes no decision', async (context) => {
  const { stack, app, operator } = await startDeployment(context);
  const redis = new Redis(stack.info.redisUrl, { retryStrategy: () => null });
  redis.on('error', () => undefined);
  // The gateway writes at the same time, so a command may meet another type than it wants: all the better.
  const poison = async () => {
    for (const key of await redis.keys('*')) {
      const kind = Math.floor(Math.random() * 4);
      if (kind === 0) await redis.set(key, 'not a number');
      else if (kind === 1) await redis.set(key, '-9007199254740993');
      else if (kind === 2) await redis.del(key).then(() => redis.lpush(key, 'a list'));
      else await redis.set(key, '0');
    }
  };
  let isOver = false;
  const vandal = (async () => {
    while (!isOver) {
      await poison().catch(() => undefined);
      await redis.flushall();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();

  const allowed: string[] = [];
  const denied: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [mayWrap, mayRead, mayNotCreate, mayNotUse] = await Promise.all([
      codeOf(wrap(app)),
      codeOf(done(operator, 'key.describe', { group, name: 'kek' })),
      codeOf(done(app, 'key.create', { group, name: `stolen-${round}`, purpose: 'kek' })),
      codeOf(wrap(operator)),
    ]);
    allowed.push(mayWrap, mayRead);
    denied.push(mayNotCreate, mayNotUse);
  }
  isOver = true;
  await vandal;
  assert.deepEqual(new Set(allowed), new Set(['done']));
  assert.deepEqual(new Set(denied), new Set(['denied']));

  await context.test('a counter pushed to its end slows callers down and grants nothing', async () => {
    const stop = Date.now() + 2_000;
    const codes = new Set<string>();
    while (Date.now() < stop) {
      for (const key of await redis.keys('sr:rate:*')) await redis.set(key, '1000000000');
      codes.add(await codeOf(done(app, 'key.create', { group, name: 'stolen', purpose: 'kek' })));
    }
    // Both: that the counter is read at all is what makes the poison one.
    assert.deepEqual([...codes].sort(), ['denied', 'rate-limited']);
  });

  await context.test('without Redis everything goes on', async () => {
    await stack.kill('redis');
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(wrap(app))));
    assert.deepEqual(new Set(codes), new Set(['done']));
    assert.equal(await codeOf(wrap(operator)), 'denied');
  });
  redis.disconnect();
});
