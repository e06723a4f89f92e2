/**
 * Many items as one job. Each item is the single operation; what is saved is everything around it. An item's own refusal
 * is its outcome, whatever concerns the device is thrown and concerns all.
 */
import { type ErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { HsmItemOutcome } from '../../ports/hsm-key.ts';
import { asFault } from './fault.ts';

const itemsMax = 512;

export function requireBatch(items: readonly unknown[]): void {
  if (items.length >= 1 && items.length <= itemsMax) return;
  throw new StrongroomError('request-invalid', { detail: 'items of a batch' });
}

export function runBatch<Item>(items: readonly Item[], one: (item: Item) => Uint8Array): HsmItemOutcome[] {
  return items.map((item) => {
    try {
      return done(one(item));
    } catch (error) {
      if (asFault(error)?.action !== 'retry') return outcomeOf(error);
    }
    try {
      return done(one(item));
    } catch (error) {
      return outcomeOf(error);
    }
  });
}

/** The same for items that go through another thread. */
export async function runBatchAsync<Item>(
  items: readonly Item[],
  one: (item: Item) => Uint8Array | Promise<Uint8Array>,
): Promise<HsmItemOutcome[]> {
  const outcomes: HsmItemOutcome[] = [];
  for (const item of items) outcomes.push(await runItem(item, one));
  return outcomes;
}

async function runItem<Item>(
  item: Item,
  one: (item: Item) => Uint8Array | Promise<Uint8Array>,
): Promise<HsmItemOutcome> {
  try {
    return done(await one(item));
  } catch (error) {
    if (asFault(error)?.action !== 'retry') return outcomeOf(error);
  }
  try {
    return done(await one(item));
  } catch (error) {
    return outcomeOf(error);
  }
}

const done = (bytes: Uint8Array): HsmItemOutcome => ({ status: 'done', bytes });

/** Throws what is not of this item alone. */
function outcomeOf(error: unknown): HsmItemOutcome {
  const fault = asFault(error);
  if (fault?.action === 'refuse') return { status: 'refused', code: fault.returnCode.code };
  if (!isStrongroomError(error) || concernsAll.has(error.code)) throw error;
  return { status: 'refused', code: error.code };
}

const concernsAll: ReadonlySet<ErrorCode> = new Set([
  'hsm-unavailable',
  'overloaded',
  'mechanism-unsupported',
]);
