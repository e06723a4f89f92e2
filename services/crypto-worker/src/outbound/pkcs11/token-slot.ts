/** Which slot holds our token: exactly one with this label and this serial number, whatever its slot id is today. */
import { StrongroomError } from '@strongroom/errors';
import { ckf, ckm, mechanismName } from './constants.ts';
import type { Cryptoki, Handle, TokenInfo } from './cryptoki.ts';
import { asFault, tokenLost } from './fault.ts';

export interface TokenName {
  readonly label: string;
  readonly serial: string;
}

export interface TokenSlot {
  readonly slot: Handle;
  readonly model: string;
  /** The v3.0 mechanism for RFC 5649 where the token has it, else the older one of the same format. */
  readonly keyWrapMechanism: number;
  readonly mechanisms: ReadonlySet<number>;
  /**
   * SoftHSM 2.6 notices what other processes create by a counter in the token's directory, and takes its own increment
   * for the only one: what another process created since the last look stays hidden, for good if nothing else happens.
   * So after a change of our own a search that finds nothing proves nothing, until the module is initialised again.
   */
  readonly hidesForeignChanges: boolean;
}

/** Token texts are padded with blanks to a fixed length; some modules pad with zero octets. */
function unpadded(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end -= 1;
  return text.slice(0, end);
}

export function isNamed(info: TokenInfo, name: TokenName): boolean {
  return unpadded(info.label) === name.label && unpadded(info.serialNumber) === name.serial;
}

const looksMax = 3;

/**
 * SoftHSM rewrites a token's file on every login, first empties it, and another process that looks at that moment gets
 * CKR_GENERAL_ERROR. A token that is really gone says so every time.
 */
export function readTokenInfo(cryptoki: Cryptoki, slot: Handle): TokenInfo {
  for (let looks = 1; ; looks += 1) {
    try {
      return cryptoki.C_GetTokenInfo(slot);
    } catch (error) {
      if (asFault(error)?.action !== 'unknown' || looks === looksMax) throw error;
    }
  }
}

/** Throws a fault when the token is not there, `mechanism-unsupported`, or `hsm-unavailable` where a login would be reckless. */
export function findToken(cryptoki: Cryptoki, name: TokenName): TokenSlot {
  const found = cryptoki
    .C_GetSlotList(true)
    .map((slot) => ({ slot, info: readTokenInfo(cryptoki, slot) }))
    .filter(({ info }) => isNamed(info, name));
  const [token] = found;
  if (token === undefined) throw tokenLost();
  if (found.length > 1) {
    throw new StrongroomError('hsm-inconsistent', { detail: 'two tokens with the same label and serial' });
  }
  refuseLastAttempt(token.info);
  const model = unpadded(token.info.model);
  const mechanisms = new Set(cryptoki.C_GetMechanismList(token.slot));
  return {
    slot: token.slot,
    model,
    hidesForeignChanges: model.startsWith('SoftHSM'),
    keyWrapMechanism: keyWrapMechanismOf(mechanisms),
    mechanisms,
  };
}

/**
 * The refused PINs that this process remembers end with the process. The token's own flags do not: a worker that is
 * restarted over and over with a wrong PIN must not be what locks the token.
 */
function refuseLastAttempt(info: TokenInfo): void {
  if ((info.flags & ckf.userPinLocked) !== 0) {
    throw new StrongroomError('hsm-unavailable', { detail: 'the user PIN of the token is locked' });
  }
  if ((info.flags & ckf.userPinFinalTry) !== 0) {
    throw new StrongroomError('hsm-unavailable', {
      detail: 'the token would lock after one more wrong PIN; log in by hand to prove the PIN first',
    });
  }
}

const needed = [
  ckm.aesKeyGen,
  ckm.aesGcm,
  ckm.genericSecretKeyGen,
  ckm.sha256Hmac,
  ckm.ecEdwardsKeyPairGen,
  ckm.eddsa,
];

function keyWrapMechanismOf(mechanisms: ReadonlySet<number>): number {
  const missing = needed.filter((mechanism) => !mechanisms.has(mechanism));
  const wrap = [ckm.aesKeyWrapKwp, ckm.aesKeyWrapPad].find((mechanism) => mechanisms.has(mechanism));
  if (wrap !== undefined && missing.length === 0) return wrap;
  const names = [...missing, ...(wrap === undefined ? [ckm.aesKeyWrapPad] : [])];
  throw new StrongroomError('mechanism-unsupported', {
    detail: names.map(mechanismName).join(', '),
  });
}

/** Throws `mechanism-unsupported` with the mechanism's name before the token is asked for what it says it lacks. */
export function requireMechanism({ mechanisms }: TokenSlot, mechanism: number): void {
  if (mechanisms.has(mechanism)) return;
  throw new StrongroomError('mechanism-unsupported', { detail: mechanismName(mechanism) });
}
