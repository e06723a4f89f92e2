import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRequestId } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import {
  decodeFrame,
  encodeRefusal,
  generateSealingKey,
  importSealingKey,
  openRequest,
} from '@strongroom/sealed';
import type { SealingKey } from '../ports/sealing-key-source.ts';
import { makeSealForCaller } from './seal-for-caller.ts';

async function pair(epoch: number) {
  const { privateKey, publicKey } = await generateSealingKey();
  const sealing: SealingKey = { epoch, keyId: epoch, publicKey };
  return { sealing, opening: await importSealingKey(epoch, privateKey, publicKey) };
}

async function setup() {
  const [old, next] = [await pair(1), await pair(2)];
  let current = old.sealing;
  const carried: { fault?: StrongroomError } = {};
  const replaced: SealingKey[] = [];
  const requestIds: string[] = [];
  const ask = makeSealForCaller({
    sealingKeys: {
      current: async () => current,
      replace: (refused) => {
        replaced.push(refused);
        current = next.sealing;
      },
    },
    routeEnvelope: async (routing, frame) => {
      requestIds.push(routing.requestId);
      if (carried.fault !== undefined) throw carried.fault;
      try {
        const opened = await openRequest(decodeFrame(frame), (epoch) =>
          epoch === 2 ? next.opening : undefined,
        );
        return opened.sealReply({ requestId: routing.requestId, status: 'done', result: {}, entry: 1 });
      } catch (fault) {
        return encodeRefusal(isStrongroomError(fault) ? fault : new StrongroomError('internal'));
      }
    },
    pool: 'default',
    tenant: 'default',
    nowMs: Date.now,
  });
  const call = () =>
    ask({
      operation: 'key.list',
      params: { group: 'default', limit: 1 },
      proof: undefined,
      requestId: newRequestId(),
    });
  return { ask, call, carried, replaced, requestIds, old, next };
}

test('a message that was sealed to a key that is over is sealed once more, under the same id', async () => {
  const { call, replaced, requestIds, old } = await setup();
  assert.equal((await call()).status, 'done');
  assert.deepEqual(replaced, [old.sealing]);
  assert.equal(requestIds.length, 2);
  assert.equal(requestIds[0], requestIds[1]);
});

test('twice refused is told', async () => {
  const { call, requestIds, next } = await setup();
  next.sealing.publicKey.set((await pair(2)).sealing.publicKey);
  await assert.rejects(call(), { code: 'sealing-key-unknown' });
  assert.equal(requestIds.length, 2);
});

test('a silent worker: a read did nothing, of a change nobody knows, and neither is asked again', async () => {
  const { ask, call, carried, requestIds } = await setup();
  carried.fault = new StrongroomError('worker-silent');
  await assert.rejects(call(), { code: 'hsm-unavailable' });
  const params = { group: 'default', name: 'kms' };
  const change = ask({ operation: 'key.rotate', params, proof: undefined, requestId: newRequestId() });
  await assert.rejects(change, { code: 'outcome-unknown' });
  assert.equal(requestIds.length, 2);
});
