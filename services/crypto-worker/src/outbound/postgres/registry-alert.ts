/** What an operator must hear of, each once: somebody changed what only workers write. */
import type { RollbackReason } from '../../domain/registry/snapshot.ts';

export type RegistryAlert =
  | { readonly kind: 'registry-rolled-back'; readonly reason: RollbackReason }
  /** The database shows a state again that follows from the known one. */
  | { readonly kind: 'registry-restored' }
  /** Found at a start: the records of these buckets are refused, the others are not. */
  | { readonly kind: 'dictionary-damaged'; readonly bucketCount: number }
  /** `record/<kind>/<id>`, `outcome/<actor>/<request id>`, `intent/<actor>/<request id>`, `listing/<kind>`. */
  | { readonly kind: 'record-tampered'; readonly subject: string };

export type OnAlert = (alert: RegistryAlert) => void;

const subjectsMax = 10_000;

/** Reports a record when it is first found tampered with, and again only after it was found whole. */
export class TamperReport {
  readonly #onAlert: OnAlert;
  readonly #reported = new Set<string>();

  constructor(onAlert: OnAlert) {
    this.#onAlert = onAlert;
  }

  tampered(subject: string): void {
    if (this.#reported.has(subject)) return;
    // An attacker may touch any number of rows; what is remembered of them stays bounded, at the cost of a repetition.
    if (this.#reported.size >= subjectsMax) this.#reported.clear();
    this.#reported.add(subject);
    this.#onAlert({ kind: 'record-tampered', subject });
  }

  whole(subject: string): void {
    if (this.#reported.size > 0) this.#reported.delete(subject);
  }
}
