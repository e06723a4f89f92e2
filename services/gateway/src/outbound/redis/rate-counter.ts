/**
 * One counter a caller and second in Redis. Whatever Redis answers or fails to answer changes how fast a caller may
 * ask, never what it may do; a poisoned or odd value counts as no answer.
 */
import type { Redis } from 'ioredis';
import type { RateCounter } from '../../ports/rate-counter.ts';

const windowMs = 1_000;
/** A counter outlives its second by this much, for clocks of gateways that differ a little. */
const lifetimeMs = 3_000;

export function makeRateCounter(redis: Redis, reportFailure: (fault: unknown) => void): RateCounter {
  return {
    async count(caller, nowMs) {
      if (redis.status !== 'ready') return undefined;
      const key = `sr:rate:${caller}:${Math.floor(nowMs / windowMs)}`;
      try {
        const count = await redis.incr(key);
        if (count === 1) await redis.pexpire(key, lifetimeMs);
        return Number.isSafeInteger(count) && count >= 1 ? count : undefined;
      } catch (fault) {
        reportFailure(fault);
        return undefined;
      }
    },
  };
}
