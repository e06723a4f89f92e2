/**
 * What the binding throws, in one shape. It throws three: its own error with a numeric `code`; from
 * `C_SetAttributeValue`, `C_CopyObject`, `C_CreateObject` and `C_FindObjects` a bare Error whose text alone has the code;
 * and a TypeError for arguments that it does not take, which is our mistake and stays what it is.
 */
import { type ErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import { mechanismName } from './constants.ts';
import { type FaultAction, type ReturnCode, returnCodeOf } from './return-code.ts';

/** The device's own answer to a call; never leaves `outbound/pkcs11` except as a cause. */
export class Pkcs11Fault extends Error {
  readonly returnCode: ReturnCode;
  /** The call may have changed the token. */
  readonly inChange: boolean;
  /** An earlier call of the same work did change it, so that no answer to this one can mean that nothing happened. */
  readonly afterChange: boolean;

  constructor(
    returnCode: ReturnCode,
    options: { cause?: unknown; inChange?: boolean; afterChange?: boolean } = {},
  ) {
    super(returnCode.name, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Pkcs11Fault';
    this.returnCode = returnCode;
    this.inChange = options.inChange ?? false;
    this.afterChange = options.afterChange ?? false;
  }

  get action(): FaultAction {
    return this.returnCode.action;
  }
}

/** The token stopped answering, as found by looking rather than by a return code. */
export function tokenLost(): Pkcs11Fault {
  return new Pkcs11Fault(returnCodeOf(0xe0));
}

/** `undefined` for what the device did not say: errors of ours, coded errors, mistaken arguments. */
export function asFault(error: unknown): Pkcs11Fault | undefined {
  if (error instanceof Pkcs11Fault) return error;
  const value = returnValueOf(error);
  return value === undefined ? undefined : new Pkcs11Fault(returnCodeOf(value), { cause: error });
}

/**
 * A search that found less than there may be, because this process has changed the token since it last read all of it
 * (see `TokenSlot.hidesForeignChanges`). Nothing is wrong; the answer needs a fresh connection.
 */
export class StaleSearch extends Error {
  override readonly name = 'StaleSearch';
}

/** Runs a call that changes the token, so that its failure is known to leave the outcome open. */
export async function changing<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined) throw error;
    const { returnCode, cause, afterChange } = fault;
    throw new Pkcs11Fault(returnCode, { cause, inChange: true, afterChange });
  }
}

/**
 * Runs what is left of work that has changed the token already. Whatever it ends with, "nothing happened" would be a
 * lie; what the work itself undid is told by the codes that are left as they are.
 */
export async function afterChange<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const fault = asFault(error);
    if (fault !== undefined) {
      throw new Pkcs11Fault(fault.returnCode, { cause: fault.cause, inChange: true, afterChange: true });
    }
    if (!isStrongroomError(error) || !passing.includes(error.code)) throw error;
    throw new StrongroomError('outcome-unknown', { detail: error.detail ?? error.code, cause: error });
  }
}

/** Refusals that mean "not now". */
const passing: readonly ErrorCode[] = ['hsm-unavailable', 'overloaded'];

/**
 * Runs a call that needs a mechanism. Where the token says in any of its ways that it lacks it, the refusal names the
 * mechanism and not the way: that is what an operator can look up.
 */
export async function naming<T>(mechanism: number, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw named(mechanism, error);
  }
}

function named(mechanism: number, error: unknown): unknown {
  const fault = asFault(error);
  if (fault?.returnCode.code !== 'mechanism-unsupported') return error;
  return new StrongroomError('mechanism-unsupported', { detail: mechanismName(mechanism), cause: fault });
}

const codeInText = /\bCKR_\w+:(\d+)/;

function returnValueOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || error instanceof TypeError) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && code !== 0) return code;
  const text = codeInText.exec(error.message);
  return text === null ? undefined : Number(text[1]);
}
