/**
 * Initialises the module and connects to the token, and gives the module back. The module's state is the process's: this
 * is the one place that knows whether it is initialised.
 */
import { StrongroomError } from '@strongroom/errors';
import { ckf } from './constants.ts';
import { asFault, tokenLost } from './fault.ts';
import { type ConnectionOptions, TokenConnection } from './token-connection.ts';

/** At once, one after another; each takes a few milliseconds. */
const triesPerAttempt = 3;

export class TokenConnector {
  readonly #options: ConnectionOptions;
  #initialised = false;
  /** Once we have initialised the module it is ours: this process has one connector for it. */
  #isOurs = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** A token whose file another process rewrites at this moment looks as if it were not there (`readTokenInfo`). */
  connect(knownLabels: readonly string[]): TokenConnection {
    for (let tries = 1; ; tries += 1) {
      try {
        return this.#connect(knownLabels);
      } catch (error) {
        const action = asFault(error)?.action;
        if (tries === triesPerAttempt || (action !== 'reopen' && action !== 'unknown')) throw error;
      }
    }
  }

  #connect(knownLabels: readonly string[]): TokenConnection {
    // Not even a C_Initialize for a PIN that the token has refused.
    this.#options.pinFile.requireUntried();
    this.finalise();
    this.#initialise();
    const connection = new TokenConnection(this.#options);
    connection.probe();
    // A token that has nothing of what it had is half restored, or another one; creating keys on it would be a second
    // birth of the deployment.
    const isKnown = knownLabels.some((label) => connection.keys.get(label) !== undefined);
    if (knownLabels.length > 0 && !isKnown) throw tokenLost();
    return connection;
  }

  #initialise(): void {
    const { cryptoki, moduleParameters } = this.#options;
    try {
      cryptoki.C_Initialize({
        flags: ckf.osLockingOk,
        ...(moduleParameters === undefined ? {} : { libraryParameters: moduleParameters }),
      });
    } catch (error) {
      const fault = asFault(error);
      if (fault?.action !== 'refuse') throw error;
      if (fault.returnCode.name === 'CKR_CRYPTOKI_ALREADY_INITIALIZED' && this.#isOurs) {
        // It said that it had finalised, and had not; the next attempt finalises it again.
        this.#initialised = true;
        throw tokenLost();
      }
      // Also when somebody else in this process holds the module: what they hold would end with our C_Finalize.
      throw new StrongroomError(fault.returnCode.code, { detail: fault.returnCode.name, cause: fault });
    }
    this.#initialised = true;
    this.#isOurs = true;
  }

  finalise(): void {
    if (!this.#initialised) return;
    try {
      this.#options.cryptoki.C_Finalize();
    } catch (error) {
      // A module that lost itself answers CKR_CRYPTOKI_NOT_INITIALIZED, which is what was wanted.
      if (asFault(error)?.returnCode.name !== 'CKR_CRYPTOKI_NOT_INITIALIZED') throw error;
    }
    this.#initialised = false;
  }
}
