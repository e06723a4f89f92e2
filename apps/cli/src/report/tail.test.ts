import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditQueryReply, AuditQueryRequest } from '@strongroom/contracts';
import { makeTestExport } from '../../testing/test-export.ts';
import type { Ask } from './ask.ts';
import { tailOf } from './tail.ts';

const all = makeTestExport().entries.map(({ index, entry }) => ({ index, entry }));

/** A log of which `size` entries are written, in pages of three. */
function logOf(state: { size: number; complete?: boolean; heldFrom?: number }): Ask {
  const ask = async (_: string, { first = 0, after }: AuditQueryRequest): Promise<AuditQueryReply> => {
    const from = after === undefined ? first : Number(after);
    const entries = all.slice(from, Math.min(from + 3, state.size));
    const isFull = from + 3 < state.size;
    return {
      entries,
      ...(isFull ? { next: String(from + 3) } : {}),
      complete: state.complete ?? true,
      size: state.size,
      checkpointSize: 0,
      heldFrom: state.heldFrom ?? 0,
    };
  };
  return ask as unknown as Ask;
}

test('what is written meanwhile follows, once each, and a reader goes on where it was', async () => {
  const state = { size: 5 };
  const seen: number[] = [];
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
    state.size += pauses % 2 === 0 ? 4 : 0;
  };
  for await (const { index } of tailOf({ ask: logOf(state), filter: {}, first: 2, pause })) {
    seen.push(index);
    if (index === 16) break;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 15 }, (_, at) => at + 2),
  );
});

test('a page that lacks an entry ends the reading', async () => {
  const ask = logOf({ size: 5, complete: false });
  const tail = tailOf({ ask, filter: {}, first: 0, pause: async () => undefined });
  await assert.rejects(tail.next(), { code: 'record-tampered' });
});

test('a reader that was away longer than rows stay is told so, and not that the log was changed', async () => {
  const ask = logOf({ size: 5, heldFrom: 3, complete: false });
  const tail = (first: number) => tailOf({ ask, filter: {}, first, pause: async () => undefined }).next();
  await assert.rejects(tail(2), { code: 'absent' });
  await assert.rejects(tail(3), { code: 'record-tampered' });
});
