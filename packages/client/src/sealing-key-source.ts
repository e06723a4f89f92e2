/** The key to seal to: fetched once for all who wait, verified against the pin, kept until it ends or is refused. */
import { equalBytes } from '@strongroom/canonical';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
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

  /**
   * To be told when a worker refused the key, with the keys that came with the refusal. What nobody signed, what is
   * older and what leads to the refused key again is worth nothing: then the next caller fetches. A newer key that came
   * meanwhile stays.
   */
  replace(refused: VerifiedSealingKey, instead: unknown): void {
    if (this.#key === refused) this.#key = this.#verified(instead, refused);
  }

  #verified(instead: unknown, refused: VerifiedSealingKey): VerifiedSealingKey | undefined {
    if (instead === undefined) return undefined;
    const { pin, nowMs } = this.#options;
    try {
      const key = verifySealingKeys(instead, pin, nowMs());
      // The same epoch has another key where the deployment was restored.
      return key.epoch < refused.epoch || equalBytes(key.publicKey, refused.publicKey) ? undefined : key;
    } catch (fault) {
      if (isStrongroomError(fault)) return undefined;
      throw fault;
    }
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
