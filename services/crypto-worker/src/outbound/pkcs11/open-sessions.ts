/**
 * Sessions as the device opens them, each once. A device that answers with the handle of a session that is open already
 * would have two callers in one operation, each with the other's data: that is a device to start anew with.
 */
import { ckf } from './constants.ts';
import { type Cryptoki, type Handle, isSameHandle } from './cryptoki.ts';
import { tokenLost } from './fault.ts';

const flags = ckf.serialSession | ckf.rwSession;

export class OpenSessions {
  readonly #cryptoki: Cryptoki;
  readonly #slot: Handle;
  /** A handful. */
  #open: readonly Handle[] = [];

  constructor(cryptoki: Cryptoki, slot: Handle) {
    this.#cryptoki = cryptoki;
    this.#slot = slot;
  }

  readonly open = (): Handle => {
    const session = this.#cryptoki.C_OpenSession(this.#slot, flags);
    if (this.#open.some((other) => isSameHandle(other, session))) throw tokenLost();
    this.#open = [...this.#open, session];
    return session;
  };

  readonly close = (session: Handle): void => {
    this.#open = this.#open.filter((other) => other !== session);
    this.#cryptoki.C_CloseSession(session);
  };
}
