/**
 * Ticket keys, one for ten minutes, derived by the HSM and so the same for all workers of a pool. A ticket lives for ten
 * minutes at most, so the key before the current one opens all that are still good; the one after it covers clocks that
 * differ. What is older is forgotten.
 */
import type { KeyObject } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import { sessionLifetimeMsMax, type TicketKey, type TicketKeyring } from '@strongroom/sealed';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import { deriveKey, keyPurpose } from './derive-key.ts';

export interface TicketKeysParts {
  readonly hsm: Pick<Hsm, 'mac'>;
  readonly pool: string;
  readonly clock: Clock;
}

export class TicketKeys implements TicketKeyring {
  readonly #parts: TicketKeysParts;
  readonly #keys = new Map<number, KeyObject>();

  constructor(parts: TicketKeysParts) {
    this.#parts = parts;
  }

  /** Derives what is missing of the keys before, now and next. To be called at start and every minute or so. */
  async refresh(): Promise<void> {
    const { hsm, pool } = this.#parts;
    const now = this.#epoch();
    for (const epoch of [now - 1, now, now + 1]) {
      if (!this.#keys.has(epoch)) this.#keys.set(epoch, await deriveKey(hsm, keyPurpose.ticket(pool, epoch)));
    }
    for (const epoch of this.#keys.keys()) if (epoch < now - 1) this.#keys.delete(epoch);
  }

  current(): TicketKey {
    const epoch = this.#epoch();
    const key = this.find(epoch);
    // The HSM has not answered for ten minutes: no sessions are opened until it does.
    if (key === undefined) throw new StrongroomError('hsm-unavailable');
    return { id: epoch, key };
  }

  /** Also where the key is still there: what it opened is too old. */
  find(id: number): KeyObject | undefined {
    return Math.abs(id - this.#epoch()) <= 1 ? this.#keys.get(id) : undefined;
  }

  #epoch(): number {
    return Math.floor(this.#parts.clock.nowMs() / sessionLifetimeMsMax);
  }
}
