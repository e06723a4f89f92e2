import { equal, throws } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { ckf, ckm, mechanismName } from './constants.ts';
import type { Cryptoki, TokenInfo } from './cryptoki.ts';
import { findToken } from './token-slot.ts';

const name = { label: 'strongroom', serial: '57444594b99f58ea' };
const ours: TokenInfo = {
  label: 'strongroom                      ',
  model: 'HSM 7\0\0\0\0\0\0\0\0\0\0\0',
  serialNumber: '57444594b99f58ea',
  flags: 0,
};
const every = [
  ckm.sha256Hmac,
  ckm.genericSecretKeyGen,
  ckm.ecEdwardsKeyPairGen,
  ckm.eddsa,
  ckm.aesKeyGen,
  ckm.aesGcm,
  ckm.aesKeyWrapPad,
];

/** A module with these tokens, one a slot. */
function moduleWith(tokens: readonly TokenInfo[], mechanisms: readonly number[] = every): Cryptoki {
  return {
    C_GetSlotList: () => tokens.map((_, slot) => Uint8Array.of(slot)),
    C_GetTokenInfo: ([slot]: Uint8Array) => tokens[slot as number],
    C_GetMechanismList: () => [...mechanisms],
  } as unknown as Cryptoki;
}

const refused = (code: string, detail: RegExp) => (error: unknown) =>
  isStrongroomError(error) && error.code === code && detail.test(error.detail ?? '');

describe('finding the token', () => {
  it('takes the one with our label and our serial, wherever it is', () => {
    const others = [
      { ...ours, serialNumber: 'another' },
      { ...ours, label: 'another' },
    ];
    const found = findToken(moduleWith([...others, ours]), name);
    equal(found.slot[0], 2);
    equal(found.model, 'HSM 7');
  });

  it('takes nothing that matches by one of them only', () => {
    throws(() => findToken(moduleWith([{ ...ours, serialNumber: '57444594b99f58e' }]), name), /NOT_PRESENT/);
    throws(() => findToken(moduleWith([{ ...ours, label: 'strongroom2' }]), name), /NOT_PRESENT/);
    throws(() => findToken(moduleWith([]), name), /NOT_PRESENT/);
  });

  it('chooses between no two', () => {
    throws(() => findToken(moduleWith([ours, ours]), name), refused('hsm-inconsistent', /two tokens/));
  });

  it('does not use up the last try of the PIN, nor knock at a locked one', () => {
    const finalTry = { ...ours, flags: ckf.userPinFinalTry };
    throws(() => findToken(moduleWith([finalTry]), name), refused('hsm-unavailable', /one more wrong PIN/));
    const locked = { ...ours, flags: ckf.userPinLocked };
    throws(() => findToken(moduleWith([locked]), name), refused('hsm-unavailable', /locked/));
  });

  it('prefers the v3.0 name of RFC 5649 and refuses a token that lacks a mechanism, naming it', () => {
    equal(findToken(moduleWith([ours]), name).keyWrapMechanism, ckm.aesKeyWrapPad);
    const newer = [...every, ckm.aesKeyWrapKwp];
    equal(findToken(moduleWith([ours], newer), name).keyWrapMechanism, ckm.aesKeyWrapKwp);
    for (const missing of every) {
      const mechanisms = every.filter((mechanism) => mechanism !== missing);
      throws(
        () => findToken(moduleWith([ours], mechanisms), name),
        refused('mechanism-unsupported', new RegExp(`^${mechanismName(missing)}$`)),
      );
    }
  });
});
