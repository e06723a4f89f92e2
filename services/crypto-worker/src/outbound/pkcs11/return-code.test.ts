import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCatalogue } from '@strongroom/errors';
import pkcs11js from 'pkcs11js';
import { returnCodeOf, returnCodes } from './return-code.ts';

const binding = pkcs11js as unknown as Record<string, unknown>;

describe('the table of return codes', () => {
  it('has every code that the binding knows, by its name, except CKR_OK', () => {
    const known = Object.entries(binding).filter(([name]) => name.startsWith('CKR_') && name !== 'CKR_OK');
    ok(known.length > 80);
    for (const [name, value] of known) {
      const row = returnCodes.find((candidate) => candidate.name === name);
      equal(row?.value, value, name);
    }
  });

  it('names each value once and each name once', () => {
    equal(new Set(returnCodes.map(({ value }) => value)).size, returnCodes.length);
    equal(new Set(returnCodes.map(({ name }) => name)).size, returnCodes.length);
  });

  it('is total: what is not in it is unknown, and unavailable for the caller', () => {
    for (const value of [0x1ff, 0x80000001, 0xffffffff, -1, 0]) {
      const { action, code, evictsHandle, refusesPin } = returnCodeOf(value);
      deepEqual(
        { action, code, evictsHandle, refusesPin },
        {
          action: 'unknown',
          code: 'hsm-unavailable',
          evictsHandle: false,
          refusesPin: false,
        },
      );
    }
  });

  it('says nothing of "absent": that is never a return code, always a proof', () => {
    ok(returnCodes.every(({ code }) => code !== 'absent'));
  });

  it('calls everything that is no refusal unavailable, so a hiccup is never a verdict', () => {
    for (const { name, action, code } of returnCodes) {
      ok(code in errorCatalogue, name);
      if (action !== 'refuse') equal(code, 'hsm-unavailable', name);
    }
  });

  it('lets no refused PIN be tried again', () => {
    const refusing = returnCodes.filter(({ refusesPin }) => refusesPin);
    ok(refusing.some(({ name }) => name === 'CKR_PIN_INCORRECT'));
    ok(refusing.every(({ action }) => action === 'refuse'));
    // Seen on SoftHSM while another process logs in; the PIN was not even looked at.
    equal(returnCodeOf(0x102).refusesPin, false);
  });
});
