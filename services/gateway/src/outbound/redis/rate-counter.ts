/**
 * One counter a caller and second in Redis. No request waits for it: a gateway counts by itself, tells the others a few
 * times a second what it counted and hears what they did, so that a rate is exact to some milliseconds. Whatever Redis
 * answers or fails to answer changes how fast a caller may ask, never what it may do; a poisoned or odd value counts as no
 * answer.
 */
import type { Redis } from 'ioredis';
import type { RateCounter } from '../../ports/rate-counter.ts';

export interface RateCounterOptions {
  readonly redis: Redis;
  readonly reportFailure: (fault: unknown) => void;
  /** Callers that are counted in one second; those on top are left to the local limit. */
  readonly callersMax: number;
}

const windowMs = 1_000;
const tellEveryMs = 20;
/** A counter outlives its second by this much, for clocks of gateways that differ a little. */
const lifetimeMs = 3_000;

interface Share {
  /** Requests of this second that came to this gateway. */
  own: number;
  /** How many of them the others know of. */
  told: number;
  /** Requests that came to other gateways; not known while Redis does not answer. */
  others: number | undefined;
}

export function makeRateCounter({ redis, reportFailure, callersMax }: RateCounterOptions): RateCounter {
  const shares = new Map<string, Share>();
  let second = 0;
  let isScheduled = false;

  const tell = async (): Promise<void> => {
    isScheduled = false;
    const news = [...shares].filter(([, { own, told }]) => own > told);
    await Promise.all(news.map(([caller, share]) => tellOne(keyOf(caller, second), share)));
  };

  const tellOne = async (key: string, share: Share): Promise<void> => {
    const delta = share.own - share.told;
    share.told += delta;
    const { told } = share;
    try {
      const total = await redis.incrby(key, delta);
      if (total === delta) await redis.pexpire(key, lifetimeMs);
      share.others = Number.isSafeInteger(total) && total >= told ? total - told : undefined;
    } catch (fault) {
      share.others = undefined;
      reportFailure(fault);
    }
  };

  return {
    count(caller, requests, nowMs) {
      if (redis.status !== 'ready') return undefined;
      const now = Math.floor(nowMs / windowMs);
      if (now !== second) shares.clear();
      second = now;
      const share = shares.get(caller) ?? { own: 0, told: 0, others: 0 };
      if (shares.size >= callersMax && !shares.has(caller)) return undefined;
      shares.set(caller, share);
      share.own += requests;
      if (!isScheduled) {
        isScheduled = true;
        setTimeout(() => void tell(), tellEveryMs);
      }
      return share.others === undefined ? undefined : share.others + share.own;
    },
  };
}

const keyOf = (caller: string, second: number): string => `sr:rate:${caller}:${second}`;
