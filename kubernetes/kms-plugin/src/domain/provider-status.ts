/**
 * What `Status` answers, from memory. The answer decides whether the API server goes on writing, stops in three minutes
 * or leaves the load balancer, so the policy is stated in one place:
 *
 * - nothing proven yet: not healthy, no key_id;
 * - a passing failure: `ok` with the same key_id until the grace is over, then the cause;
 * - the key was taken away on purpose (suspended, denied, gone): a gRPC error, so that writes stop within 3 minutes on
 *   every API server release (kubernetes#138950);
 * - a new key_id only after wrap and unwrap under it were proven on this node.
 */
import type { ErrorCode } from '@strongroom/errors';

/** Codes that say "this key is not for you any more", as against "not now". */
const withdrawals: ReadonlySet<ErrorCode> = new Set([
  'denied',
  'absent',
  'key-pre-active',
  'key-suspended',
  'key-deactivated',
  'key-compromised',
  'key-destroyed',
  'key-destruction-pending',
  'key-usage-refused',
  'key-use-early',
  'key-use-late',
  'key-purpose-refused',
  'proof-invalid',
  'record-tampered',
]);

export type StatusAnswer =
  | { readonly kind: 'healthy'; readonly keyId: string }
  | { readonly kind: 'unhealthy'; readonly keyId: string; readonly cause: ErrorCode }
  | { readonly kind: 'error'; readonly cause: ErrorCode };

export interface ProvenKey {
  readonly keyId: string;
  readonly version: number;
}

export class ProviderStatus {
  readonly #graceMs: number;
  #proven: ProvenKey | undefined;
  #failure: { readonly cause: ErrorCode; readonly sinceMs: number } | undefined;

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** Wrap and unwrap under this key were just proven. */
  prove(key: ProvenKey): void {
    this.#proven = key;
    this.#failure = undefined;
  }

  fail(cause: ErrorCode, nowMs: number): void {
    // The clock of the grace runs from the first failure; a withdrawal is not softened by an outage that follows.
    const since = this.#failure?.sinceMs ?? nowMs;
    const isWithdrawn = this.#failure !== undefined && withdrawals.has(this.#failure.cause);
    this.#failure = { cause: isWithdrawn && this.#failure ? this.#failure.cause : cause, sinceMs: since };
  }

  get proven(): ProvenKey | undefined {
    return this.#proven;
  }

  answer(nowMs: number): StatusAnswer {
    if (this.#proven === undefined)
      return { kind: 'error', cause: this.#failure?.cause ?? 'worker-unavailable' };
    const { keyId } = this.#proven;
    if (this.#failure === undefined) return { kind: 'healthy', keyId };
    const { cause, sinceMs } = this.#failure;
    if (withdrawals.has(cause)) return { kind: 'error', cause };
    return nowMs - sinceMs <= this.#graceMs
      ? { kind: 'healthy', keyId }
      : { kind: 'unhealthy', keyId, cause };
  }
}
