import { equal, ok, rejects } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrongroomError } from '@strongroom/errors';
import { asFault, changing, Pkcs11Fault, StaleSearch, tokenLost } from './fault.ts';

const bare = new Error('CKR_OBJECT_HANDLE_INVALID:130\n    at PKCS11.C_SetAttributeValue (x.js:1:1)');
const coded = Object.assign(new Error('CKR_GENERAL_ERROR'), { code: 5 });

describe('what the binding throws', () => {
  it('is a fault by its number, or by its text where it has none', () => {
    equal(asFault(coded)?.returnCode.name, 'CKR_GENERAL_ERROR');
    equal(asFault(bare)?.returnCode.name, 'CKR_OBJECT_HANDLE_INVALID');
    equal(
      asFault(Object.assign(new Error('CKR_CRYPTOKI_NOT_INITIALIZED:400'), { code: 0 }))?.returnCode.value,
      400,
    );
  });

  it('keeps the error as the cause, and a fault as it is', () => {
    equal(asFault(coded)?.cause, coded);
    const fault = tokenLost();
    equal(asFault(fault), fault);
  });

  it('is no fault where the device said nothing', () => {
    for (const error of [
      new TypeError('Argument 1 has wrong type'),
      new StrongroomError('absent', { detail: 'CKR_OK:0' }),
      new StaleSearch(),
      new Error('dlopen failed'),
      Object.assign(new Error('no such file'), { code: 'ENOENT' }),
      'text',
      undefined,
    ]) {
      equal(asFault(error), undefined);
    }
  });
});

describe('a call that changes the token', () => {
  it('marks its faults, whether it throws or rejects', async () => {
    const isMarked = (error: unknown) => error instanceof Pkcs11Fault && error.inChange;
    await rejects(
      changing(() => {
        throw coded;
      }),
      isMarked,
    );
    await rejects(
      changing(async () => {
        throw bare;
      }),
      isMarked,
    );
  });

  it('hands on values and coded errors as they are', async () => {
    equal(await changing(() => 7), 7);
    const refusal = new StrongroomError('already-exists');
    await rejects(
      changing(() => Promise.reject(refusal)),
      (error) => error === refusal,
    );
    ok(asFault(refusal) === undefined);
  });
});
