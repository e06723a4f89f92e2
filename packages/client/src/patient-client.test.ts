import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRequestId } from '@strongroom/contracts';
import { type ErrorCode, StrongroomError } from '@strongroom/errors';
import type { CallOptions, StrongroomClient } from './client.ts';
import { patientClient } from './patient-client.ts';

/** Refuses with these codes, one after the other, and then answers. */
function clientOf(codes: readonly ErrorCode[], pauseMs = 0) {
  const asked: (string | undefined)[] = [];
  const deadlines: (number | undefined)[] = [];
  const client = {
    identity: async () => 'identity',
    close: async () => undefined,
    async call(_operation: string, _params: object, options: CallOptions = {}) {
      asked.push(options.requestId);
      deadlines.push(options.deadlineMs);
      const code = codes[asked.length - 1];
      if (code !== undefined) throw new StrongroomError(code);
      return { status: 'done', result: {}, entry: 1 };
    },
  } as unknown as StrongroomClient;
  return { asked, deadlines, client: patientClient(client, pauseMs) };
}

test('what was refused for now is asked anew, and what is not known under its id', async () => {
  const { asked, client } = clientOf(['audit-unavailable', 'outcome-unknown', 'outcome-unknown']);
  await client.call('role.disable', { name: 'x' });
  assert.equal(asked.length, 4);
  assert.notEqual(asked[0], asked[1]);
  assert.deepEqual([asked[2], asked[3]], [asked[1], asked[1]]);
});

test('patience ends, and a refusal that stays is told at once', async () => {
  const busy = clientOf(Array.from({ length: 9 }, () => 'overloaded' as const));
  await assert.rejects(busy.client.call('key.describe', { group: 'g', name: 'n' }), { code: 'overloaded' });
  assert.deepEqual(busy.asked, [undefined, undefined, undefined, undefined]);
  const denied = clientOf(['denied']);
  await assert.rejects(denied.client.call('role.disable', { name: 'x' }), { code: 'denied' });
  assert.equal(denied.asked.length, 1);
});

test('under an id that was given a refusal is the answer', async () => {
  const { asked, client } = clientOf(['audit-unavailable']);
  const requestId = newRequestId();
  await assert.rejects(client.call('role.disable', { name: 'x' }, { requestId }), {
    code: 'audit-unavailable',
  });
  assert.deepEqual(asked, [requestId]);
});

test('the deadline of a call bounds all tries together', async () => {
  const busy = clientOf(['worker-unavailable', 'audit-unavailable', 'stopping'], 20);
  await assert.rejects(busy.client.call('key.describe', { group: 'g', name: 'n' }, { deadlineMs: 50 }), {
    code: 'audit-unavailable',
  });
  const [first = 0, second = 0] = busy.deadlines;
  assert.equal(busy.deadlines.length, 2);
  assert.ok(first <= 50 && second <= 30, `${first} and ${second}`);
});

test('what lasts is told at once, and whoever gives up is not asked for', async () => {
  const down = clientOf(['hsm-unavailable']);
  await assert.rejects(down.client.call('key.describe', { group: 'g', name: 'n' }), {
    code: 'hsm-unavailable',
  });
  assert.equal(down.asked.length, 1);
  const limited = clientOf(['rate-limited']);
  await assert.rejects(limited.client.call('key.describe', { group: 'g', name: 'n' }), {
    code: 'rate-limited',
  });
  assert.equal(limited.asked.length, 1);
  const busy = clientOf(['overloaded'], 60_000);
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(busy.client.call('key.describe', { group: 'g', name: 'n' }, { signal }), {
    code: 'overloaded',
  });
});
