import { equal, ok } from 'node:assert/strict';
import { after as afterAll, before, describe, it } from 'node:test';
import { type ReturnCode, returnCodes } from '../../src/outbound/pkcs11/return-code.ts';
import {
  actionsOf,
  callsOf,
  type FaultScene,
  kindsOf,
  openFaultScene,
  strike,
} from '../../testing/fault-module/fault-scene.ts';
import type { CallName } from '../../testing/fault-module/fault-steering.ts';

const names = [
  'writing a data object',
  'destroying a key',
  'creating an AES key',
  'creating a signing key',
  'importing a key',
];

/** What a device may say of bytes that are no key of the type, when it has taken nothing in. */
const ofContent = [
  'CKR_ARGUMENTS_BAD',
  'CKR_DATA_INVALID',
  'CKR_DATA_LEN_RANGE',
  'CKR_KEY_SIZE_RANGE',
  'CKR_TEMPLATE_INCOMPLETE',
  'CKR_TEMPLATE_INCONSISTENT',
];

function expected(name: string, row: ReturnCode): string {
  // A key that is to be destroyed and whose handle is called dead is looked for, and found alive.
  if (name === 'destroying a key' && row.evictsHandle) return 'done';
  const isContent = row.action === 'unknown' || ofContent.includes(row.name);
  if (name === 'importing a key' && isContent) return 'ciphertext-invalid';
  return row.action === 'refuse' ? row.code : 'outcome-unknown';
}

/** What the adapter calls to get a new connection has a test of its own. */
const connecting: readonly CallName[] = [
  'C_Initialize',
  'C_Finalize',
  'C_GetSlotList',
  'C_GetTokenInfo',
  'C_GetMechanismList',
  'C_OpenSession',
  'C_Login',
];

describe('every return code of the module in the middle of what changes the token', () => {
  let scene: FaultScene;
  before(async () => {
    scene = await openFaultScene();
  });
  afterAll(() => scene.close());

  const operationOf = (name: string) => {
    const operation = scene.operations[name];
    ok(operation !== undefined);
    return operation;
  };

  for (const name of names) {
    it(`${name}: refused, done or unknown, and each is true`, async (context) => {
      const operation = operationOf(name);
      const call = operation.decisive;
      let cases = 0;
      for (const row of returnCodes) {
        const outcome = await strike(scene, operation, { call, action: 'fail', value: row.value });
        cases += 1;
        equal(outcome, expected(name, row), row.name);
      }
      const others = (await callsOf(scene, operation)).filter(
        (each) => each.call !== call && !connecting.includes(each.call),
      );
      for (const { call: other, times } of others) {
        // The first and the last: what comes before the change and what comes after it.
        for (const after of new Set([0, times - 1])) {
          for (const row of actionsOf(returnCodes)) {
            await strike(scene, operation, { call: other, action: 'fail', value: row.value, after });
            cases += 1;
          }
        }
      }
      context.diagnostic(`${cases} failures of ${call}, ${others.map((each) => each.call).join(', ')}`);
    });

    it(`${name}: what was done although the answer was lost is never called undone`, async () => {
      const operation = operationOf(name);
      const call = operation.decisive;
      for (const row of kindsOf(returnCodes).filter(({ action }) => action !== 'refuse')) {
        const outcome = await strike(scene, operation, { call, action: 'failAfter', value: row.value });
        if (name === 'destroying a key' && row.evictsHandle) equal(outcome, 'done', row.name);
        else equal(outcome, 'outcome-unknown', row.name);
      }
    });
  }

  it('making a data key makes nothing on the token, whatever fails', async (context) => {
    const operation = operationOf('making a data key');
    let cases = 0;
    for (const call of ['C_GenerateKey', 'C_WrapKey', 'C_DestroyObject'] as const) {
      for (const row of call === 'C_GenerateKey' ? returnCodes : kindsOf(returnCodes)) {
        const outcome = await strike(scene, operation, { call, action: 'fail', value: row.value });
        equal(outcome, row.action === 'retry' ? 'done' : row.code, `${row.name} from ${call}`);
        cases += 1;
      }
    }
    context.diagnostic(`${cases} failures`);
  });

  it('a key that is there, and that the device will not let be looked at, is not called refused', async () => {
    const operation = operationOf('creating an AES key');
    const { steering } = scene;
    // Two looks come before the key: whether the label is free, and whether the token answers. All later ones fail, for
    // longer than the adapter is patient.
    const fault = {
      call: 'C_FindObjectsInit',
      action: 'fail',
      value: 0x20,
      after: 2,
      times: 100_000,
    } as const;
    const begin = performance.now();
    equal(await strike(scene, operation, fault), 'outcome-unknown');
    ok(performance.now() - begin < 10_000);
    equal(steering.hanging, 0);
  });
});
