/**
 * The user PIN, from a file and nothing else. A token locks after a few wrong ones, so a PIN that was refused once is
 * never offered again: not by a retry, not by a recovery, until the file holds another one. Only a keyed digest of the
 * refused PIN is kept, under a key of this process.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StrongroomError } from '@strongroom/errors';
import { asFault } from './fault.ts';

export class PinFile {
  readonly #path: string;
  readonly #digestKey = randomBytes(32);
  #refused: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws `hsm-unavailable` where the file holds no PIN, or one that the token has refused already. */
  requireUntried(): void {
    const pin = this.#read();
    const digest = this.#digest(pin);
    pin.fill(0);
    if (digest === this.#refused) throw refused();
  }

  /**
   * Hands the PIN to `attempt` once. Throws `hsm-unavailable` without an attempt for an unreadable, an empty or an
   * already refused PIN, and for one that is refused now; any other fault of the attempt is thrown as it is.
   */
  login(attempt: (pin: string) => void): void {
    const pin = this.#read();
    try {
      const digest = this.#digest(pin);
      if (digest === this.#refused) throw refused();
      try {
        // The binding takes a string only; this one lives until the collector has it.
        attempt(pin.toString('utf8'));
      } catch (error) {
        if (asFault(error)?.returnCode.refusesPin !== true) throw error;
        this.#refused = digest;
        throw refused(error);
      }
      this.#refused = undefined;
    } finally {
      pin.fill(0);
    }
  }

  #read(): Buffer {
    const content = this.#content();
    const end = content.indexOf(0x0a);
    const pin = content.subarray(0, end === -1 ? content.length : end);
    if (pin.length === 0) {
      throw new StrongroomError('hsm-unavailable', { detail: 'the PIN file is empty' });
    }
    return pin;
  }

  #content(): Buffer {
    try {
      return readFileSync(this.#path);
    } catch (cause) {
      throw new StrongroomError('hsm-unavailable', { detail: 'the PIN file can not be read', cause });
    }
  }

  #digest(pin: Uint8Array): string {
    return createHmac('sha256', this.#digestKey).update(pin).digest('base64');
  }
}

const refused = (cause?: unknown): StrongroomError =>
  new StrongroomError('hsm-unavailable', {
    detail: 'the token refused the PIN; it is not tried again until the PIN file changes',
    cause,
  });
