import type { ClusterKey, KeySource } from '@strongroom/contracts';

/** Where the keys of an issuer come from while a worker runs. The worker checks for itself whom it talks to. */
export interface IssuerKeys {
  /**
   * What the issuer publishes now; at least one key, none that is not usable. Throws `issuer-unavailable`, with the reason as
   * cause, for everything else.
   */
  fetch(issuer: string, source: KeySource): Promise<readonly ClusterKey[]>;
}
