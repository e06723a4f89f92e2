import { equal, ok } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ReturnCode, returnCodes } from '../../src/outbound/pkcs11/return-code.ts';
import {
  callsOf,
  type FaultScene,
  kindsOf,
  openFaultScene,
  strike,
} from '../../testing/fault-module/fault-scene.ts';
import type { CallName } from '../../testing/fault-module/fault-steering.ts';

const names = [
  'random',
  'listing keys',
  'looking for a key',
  'looking for a key that is not there',
  'reading attributes',
  'encrypting',
  'decrypting',
  'encrypting under a data key',
  'making a MAC',
  'signing',
  'reading a public key',
  'reading a data object',
  'encrypting a batch',
  'decrypting a batch',
  'signing a batch',
  'making a batch of MACs',
  'exporting a key',
  'wrapping bytes',
  'unwrapping bytes',
];

/** "General error" is how SoftHSM says that a tag does not fit, while the token lives; other modules call it the data. */
const tellsTag: readonly CallName[] = ['C_Decrypt', 'C_UnwrapKey'];
const ofData = ['CKR_DATA_INVALID', 'CKR_DATA_LEN_RANGE'];

const isTag = (call: CallName, row: ReturnCode) =>
  tellsTag.includes(call) && (row.action === 'unknown' || ofData.includes(row.name));

function expected(call: CallName, row: ReturnCode): string {
  if (row.action === 'retry') return 'done';
  if (isTag(call, row)) return 'ciphertext-invalid';
  if (row.action !== 'unknown') return row.code;
  return call === 'C_GetTokenInfo' ? 'done' : 'hsm-unavailable';
}

describe('every return code of the module in the middle of what only reads', () => {
  let scene: FaultScene;
  before(async () => {
    scene = await openFaultScene();
  });
  after(() => scene.close());

  for (const name of names) {
    it(`${name}: the code of the table or the right answer, and nothing else has happened`, async (context) => {
      const operation = scene.operations[name];
      ok(operation !== undefined);
      // Once for the sessions of the pool, which are opened when they are needed; then what it always calls.
      await callsOf(scene, operation);
      const calls = await callsOf(scene, operation);
      ok(calls.some(({ call }) => call === operation.decisive));
      let cases = 0;
      for (const { call, times } of calls) {
        for (const row of call === operation.decisive ? returnCodes : kindsOf(returnCodes)) {
          const outcome = await strike(scene, operation, { call, action: 'fail', value: row.value });
          cases += 1;
          // Said once it is asked again; a search then finds the object, and a value is read.
          if (row.name === 'CKR_ATTRIBUTE_TYPE_INVALID' && outcome === 'done') continue;
          equal(outcome, expected(call, row), `${row.name} from ${call}`);
        }
        for (let gone = 1; gone < times; gone += 1) {
          for (const row of kindsOf(returnCodes)) {
            const outcome = await strike(scene, operation, {
              call,
              action: 'fail',
              value: row.value,
              after: gone,
            });
            cases += 1;
            if (row.name === 'CKR_ATTRIBUTE_TYPE_INVALID' && outcome === 'done') continue;
            equal(outcome, expected(call, row), `${row.name} from ${call} after ${gone}`);
          }
        }
      }
      context.diagnostic(`${cases} failures of ${calls.map(({ call }) => call).join(', ')}`);
    });
  }

  it('one that never stops: refused under its code, and all is well when it is over', async () => {
    const { hsm, steering } = scene;
    let cases = 0;
    for (const name of names) {
      const operation = scene.operations[name];
      ok(operation !== undefined);
      const call = operation.decisive;
      for (const row of kindsOf(returnCodes)) {
        const fault = { call, action: 'fail', value: row.value, times: 1_000 } as const;
        // An object without attributes is one that a search passes over, and a search that finds nothing is absence:
        // that a device says for ever what is not so can not be told from its being so.
        if (row.name === 'CKR_ATTRIBUTE_TYPE_INVALID' && call === 'C_GetAttributeValue') continue;
        const outcome = await strike(scene, operation, fault);
        cases += 1;
        equal(outcome, isTag(call, row) ? 'ciphertext-invalid' : row.code, `${row.name} from ${call}`);
      }
    }
    ok(cases > 100);
    equal(hsm.describe().state, 'ready');
    equal(steering.hanging, 0);
  });
});
