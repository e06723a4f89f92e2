/** The key to seal to: fetched once for all who wait, verified against the pin, kept until it ends or is refused. */
import { StrongroomError } from '@strongroom/errors';
import { type SealingKeyPin, type VerifiedSealingKey, verifySealingKeys } from '@strongroom/sealed';
import { LostConnection } from './transport-fault.ts';

const fetchTimeoutMs = 5_000;

export interface SealingKeySourceOptions {
  readonly fetch: (signal: AbortSignal) => Promise<unknown>;
  readonly pin: SealingKeyPin;
  readonly nowMs: () => number;
}

export class SealingKeySource {
  readonly #options: SealingKeySourceOptions;
  #key: VerifiedSealingKey | undefined;
  #fetching: Promise<VerifiedSealingKey> | undefined;

  constructor(options: SealingKeySourceOptions) {
    this.#options = options;
  }

  /** Throws `identity-mismatch`, `sealing-key-unknown` or what the gateway throws. A failure is not remembered. */
  async current(): Promise<VerifiedSealingKey> {
    const key = this.#key;
    if (key !== undefined && this.#options.nowMs() < key.notAfterMs) return key;
    this.#fetching ??= this.#fetch();
    return this.#fetching;
  }

  /** To be told when a worker refused the key. A newer one that came meanwhile stays. */
  discard(key: VerifiedSealingKey): void {
    if (this.#key === key) this.#key = undefined;
  }

  /** With a time limit of its own: the caller that happens to come first must not decide for those who wait with it. */
  async #fetch(): Promise<VerifiedSealingKey> {
    try {
      const { fetch, pin, nowMs } = this.#options;
      const answer = await fetch(AbortSignal.timeout(fetchTimeoutMs));
      this.#key = verifySealingKeys(answer, pin, nowMs());
      return this.#key;
    } catch (cause) {
      throw isUnanswered(cause)
        ? new StrongroomError('worker-unavailable', { detail: 'no sealing keys', cause })
        : cause;
    } finally {
      this.#fetching = undefined;
    }
  }
}

/** Nothing was asked of a worker yet, so nothing can have happened, whatever became of the question. */
function isUnanswered(fault: unknown): boolean {
  return fault instanceof LostConnection || (fault instanceof Error && fault.name === 'TimeoutError');
}
