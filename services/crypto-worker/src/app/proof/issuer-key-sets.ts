/**
 * The keys that an issuer's tokens are verified with: those that were registered, then those that its issuer publishes. The
 * latter are asked for when they are old and when a token names a key that is not among them, but never more often than the
 * interval, whatever tokens are shown; and one question serves all who wait. An issuer that is away is not noticed for an
 * hour; from then on its tokens are refused, because a key that it took back would be believed for ever.
 */
import type { ClusterKey } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { isSameKey } from '../../domain/cluster-key.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IssuerKeys } from '../../ports/issuer-keys.ts';
import type { RegistryRecord } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';

/** What issues tokens: a cluster, or a provider of single sign-on. */
export type Issuer = RegistryRecord<'cluster'> | RegistryRecord<'sso-provider'>;

export interface IssuerKeySetsParts {
  readonly issuerKeys: IssuerKeys;
  readonly clock: Clock;
  readonly report: Report;
}

interface KeySet {
  /** Of the record: another version may name another issuer. */
  readonly version: number;
  keys: readonly ClusterKey[];
  fetchedAtMs: number;
  triedAtMs: number;
  fetching: Promise<void> | undefined;
}

const freshMs = 5 * 60_000;
const usableMs = 60 * 60_000;
const intervalMs = 30_000;

export class IssuerKeySets {
  readonly #parts: IssuerKeySetsParts;
  /** One for each record at most. */
  readonly #sets = new Map<string, KeySet>();

  constructor(parts: IssuerKeySetsParts) {
    this.#parts = parts;
  }

  /** The same object for the same key as long as it is published. Throws `issuer-unavailable`. */
  async find(issuer: Issuer, kid: string): Promise<ClusterKey | undefined> {
    const { keys, keySource } = issuer.value;
    const registered = keys.find((key) => key.kid === kid);
    if (registered !== undefined || keySource === undefined) return registered;
    const set = this.#setOf(issuer);
    const nowMs = this.#parts.clock.nowMs();
    const known = nowMs - set.fetchedAtMs < usableMs ? keyOf(set, kid) : undefined;
    if (known === undefined) await this.#refresh(issuer, set);
    else if (nowMs - set.fetchedAtMs >= freshMs) this.#refresh(issuer, set).catch(() => undefined);
    return known ?? keyOf(set, kid);
  }

  #setOf({ kind, id, version }: Issuer): KeySet {
    const known = this.#sets.get(`${kind}/${id}`);
    if (known?.version === version) return known;
    const never = Number.NEGATIVE_INFINITY;
    const set = { version, keys: [], fetchedAtMs: never, triedAtMs: never, fetching: undefined };
    this.#sets.set(`${kind}/${id}`, set);
    return set;
  }

  /** Resolves without asking where that was done a moment ago: the token is refused by what is known. */
  async #refresh(issuer: Issuer, set: KeySet): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    if (set.fetching === undefined) {
      if (nowMs - set.triedAtMs < intervalMs) {
        if (nowMs - set.fetchedAtMs < usableMs) return;
        throw new StrongroomError('issuer-unavailable');
      }
      set.triedAtMs = nowMs;
      set.fetching = this.#fetch(issuer, set, nowMs).finally(() => {
        set.fetching = undefined;
      });
    }
    await set.fetching;
  }

  async #fetch({ kind, id, value }: Issuer, set: KeySet, nowMs: number): Promise<void> {
    const { issuerKeys, report } = this.#parts;
    try {
      const fetched = await issuerKeys.fetch(value.issuer, value.keySource ?? {});
      set.keys = fetched.map((key) => set.keys.find((before) => isSameKey(before, key)) ?? key);
      set.fetchedAtMs = nowMs;
    } catch (error) {
      report('issuer-keys-not-fetched', { object: `${kind}/${id}`, error });
      throw error;
    }
  }
}

const keyOf = ({ keys }: KeySet, kid: string): ClusterKey | undefined => keys.find((key) => key.kid === kid);
