/**
 * What the binding throws, in one shape. It throws three: its own error with a numeric `code`; from
 * `C_SetAttributeValue`, `C_CopyObject`, `C_CreateObject` and `C_FindObjects` a bare Error whose text alone has the code;
 * and a TypeError for arguments that it does not take, which is our mistake and stays what it is.
 */
import { type FaultAction, type ReturnCode, returnCodeOf } from './return-code.ts';

/** The device's own answer to a call; never leaves `outbound/pkcs11` except as a cause. */
export class Pkcs11Fault extends Error {
  readonly returnCode: ReturnCode;
  /** The call may have changed the token. */
  readonly inChange: boolean;

  constructor(returnCode: ReturnCode, options: { cause?: unknown; inChange?: boolean } = {}) {
    super(returnCode.name, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Pkcs11Fault';
    this.returnCode = returnCode;
    this.inChange = options.inChange ?? false;
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
    throw fault === undefined
      ? error
      : new Pkcs11Fault(fault.returnCode, { cause: fault.cause, inChange: true });
  }
}

const codeInText = /\bCKR_\w+:(\d+)/;

function returnValueOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || error instanceof TypeError) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && code !== 0) return code;
  const text = codeInText.exec(error.message);
  return text === null ? undefined : Number(text[1]);
}
