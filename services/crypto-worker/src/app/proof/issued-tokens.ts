/**
 * Signatures of tokens by an issuer that is registered: a cluster, or a provider of single sign-on. The key is found by `kid`
 * among that issuer's keys and decides the algorithm, so neither header nor claims choose how they are checked (RFC 8725
 * sections 3.1 and 3.8).
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { ClusterKey } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { isSameKey } from '../../domain/cluster-key.ts';
import type { Issuer, IssuerKeySets } from './issuer-key-sets.ts';

export type Claims = Readonly<Record<string, unknown>>;

const kidCharactersMax = 128;

export class IssuedTokens {
  readonly #keySets: Pick<IssuerKeySets, 'find'>;
  readonly #keys = new WeakMap<ClusterKey, KeyObject>();

  constructor(keySets: Pick<IssuerKeySets, 'find'>) {
    this.#keySets = keySets;
  }

  /** Throws `proof-invalid` or `issuer-unavailable`. */
  async keyOf(token: string, issuer: Issuer): Promise<ClusterKey> {
    const kid = kidOf(token);
    const key = kid === undefined ? undefined : await this.#keySets.find(issuer, kid);
    if (key === undefined) throw new StrongroomError('proof-invalid', { detail: 'kid' });
    return key;
  }

  async isStillPublished(issuer: Issuer, key: ClusterKey): Promise<boolean> {
    const now = await this.#keySets.find(issuer, key.kid);
    return now !== undefined && isSameKey(now, key);
  }

  /** What the key has signed. Throws `proof-invalid`. */
  async claimsOf(token: string, key: ClusterKey): Promise<Claims> {
    const publicKey = this.#keys.get(key) ?? createPublicKey({ key: { ...key }, format: 'jwk' });
    this.#keys.set(key, publicKey);
    let payload: Uint8Array;
    try {
      // The library refuses a key of another type than the algorithm, RSA below 2048 bits and unknown `crit` headers.
      ({ payload } = await compactVerify(token, publicKey, { algorithms: [key.alg] }));
    } catch {
      throw new StrongroomError('proof-invalid', { detail: 'signature' });
    }
    return parseClaims(payload);
  }
}

function kidOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token);
    // A longer one is in no key set, and must not make a worker ask for one.
    return kid !== undefined && kid.length <= kidCharactersMax ? kid : undefined;
  } catch {
    throw new StrongroomError('proof-invalid', { detail: 'not a token' });
  }
}

function parseClaims(payload: Uint8Array): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims;
  } catch {
    // Answered below like every other payload that is no object.
  }
  throw new StrongroomError('proof-invalid', { detail: 'claims' });
}
