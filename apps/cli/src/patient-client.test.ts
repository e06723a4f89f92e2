import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallOptions, StrongroomClient } from '@strongroom/client';
import { newRequestId } from '@strongroom/contracts';
import { type ErrorCode, StrongroomError } from '@strongroom/errors';
import { patientClient } from './patient-client.ts';

/** Refuses with these codes, one after the other, and then answers. */
function clientOf(codes: readonly ErrorCode[]) {
  const asked: (string | undefined)[] = [];
  const client = {
    identity: async () => 'identity',
    close: async () => undefined,
    async call(_operation: string, _params: object, options: CallOptions = {}) {
      asked.push(options.requestId);
      const code = codes[asked.length - 1];
      if (code !== undefined) throw new StrongroomError(code);
      return { status: 'done', result: {}, entry: 1 };
    },
  } as unknown as StrongroomClient;
  return { asked, client: patientClient(client, 0) };
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
