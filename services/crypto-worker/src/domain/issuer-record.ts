/** Whoever's tokens a worker believes: clusters for their workloads, providers of single sign-on for people. */
import type { ClusterKey, KeySource, RelyingParty, Standing } from '@strongroom/contracts';

export interface ClusterRecord {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: readonly ClusterKey[];
  readonly keySource?: KeySource;
  readonly state: Standing;
  readonly createdAt: string;
}

export interface SsoProviderRecord {
  readonly issuer: string;
  readonly clientId: string;
  readonly keys: readonly ClusterKey[];
  readonly keySource?: KeySource;
  readonly relyingParty?: RelyingParty;
  readonly state: Standing;
  readonly createdAt: string;
}
