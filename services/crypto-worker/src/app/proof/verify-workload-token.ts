/**
 * Proof `workload-jwt`: a service-account token, verified with the keys of its cluster. The cluster
 * is the one that the caller names and not one that the token leads to; the key is found by `kid` among that cluster's keys
 * and decides the algorithm, so neither header nor claims choose how they are checked (RFC 8725 sections 3.1 and 3.8).
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { ClusterKey, Proof } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { compactVerify, decodeProtectedHeader } from 'jose';
import type { Caller } from '../../domain/caller.ts';
import { isSameKey } from '../../domain/cluster-key.ts';
import type { ClusterRecord } from '../../domain/record.ts';
import { readWorkload, type Workload, workloadPrincipal } from '../../domain/workload-claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry, RegistryRecord } from '../../ports/registry.ts';
import type { IssuerKeySets } from './issuer-key-sets.ts';
import { ProofCache } from './proof-cache.ts';

export interface VerifyWorkloadTokenParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly clock: Clock;
  readonly keySets: Pick<IssuerKeySets, 'find'>;
}

interface Remembered {
  readonly workload: Workload;
  readonly key: ClusterKey;
}

const rememberedMax = 4_096;
const kidCharactersMax = 128;

export function makeVerifyWorkloadToken({ registry, clock, keySets }: VerifyWorkloadTokenParts) {
  const remembered = new ProofCache<Remembered>(rememberedMax);
  const keys = new WeakMap<ClusterKey, KeyObject>();
  return async ({ cluster: name, token }: Extract<Proof, { kind: 'workload-jwt' }>): Promise<Caller> => {
    const record = await registry.read('cluster', name);
    if (record === undefined) throw new StrongroomError('proof-invalid', { detail: 'cluster' });
    const place = remembered.nameOf(name, token);
    const known = remembered.find(place, record.version, clock.nowMs());
    // A key that its issuer took back vouches for nothing that it signed before, either.
    if (known !== undefined && (await isStillPublished(keySets, record, known.key)))
      return workloadCaller(record, known.workload);
    const key = await findKey(token, record, keySets);
    const workload = await verify(token, key, record.value, clock, keys);
    remembered.keep(place, { workload, key }, record.version, workload.expiresAtMs);
    return workloadCaller(record, workload);
  };
}

async function verify(
  token: string,
  key: ClusterKey,
  cluster: ClusterRecord,
  clock: Clock,
  keys: WeakMap<ClusterKey, KeyObject>,
): Promise<Workload> {
  const publicKey = keys.get(key) ?? createPublicKey({ key: { ...key }, format: 'jwk' });
  keys.set(key, publicKey);
  const claims = await verifiedClaims(token, publicKey, key.alg);
  const verdict = readWorkload(claims, cluster, clock.nowMs());
  if (verdict.status === 'refused') throw new StrongroomError(verdict.code, { detail: verdict.reason });
  // Only after the proof verified: before, it would tell anybody which clusters are disabled.
  if (cluster.state !== 'enabled') throw new StrongroomError('denied', { detail: 'the cluster is disabled' });
  return verdict.workload;
}

async function isStillPublished(
  keySets: Pick<IssuerKeySets, 'find'>,
  cluster: RegistryRecord<'cluster'>,
  key: ClusterKey,
): Promise<boolean> {
  const now = await keySets.find(cluster, key.kid);
  return now !== undefined && isSameKey(now, key);
}

async function findKey(
  token: string,
  cluster: RegistryRecord<'cluster'>,
  keySets: Pick<IssuerKeySets, 'find'>,
): Promise<ClusterKey> {
  const kid = kidOf(token);
  const key = kid === undefined ? undefined : await keySets.find(cluster, kid);
  if (key === undefined) throw new StrongroomError('proof-invalid', { detail: 'kid' });
  return key;
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

async function verifiedClaims(
  token: string,
  key: KeyObject,
  algorithm: 'RS256' | 'ES256',
): Promise<Readonly<Record<string, unknown>>> {
  let payload: Uint8Array;
  try {
    // The library refuses a key of another type than the algorithm, RSA below 2048 bits and unknown `crit` headers.
    ({ payload } = await compactVerify(token, key, { algorithms: [algorithm] }));
  } catch {
    throw new StrongroomError('proof-invalid', { detail: 'signature' });
  }
  return parseClaims(payload);
}

function parseClaims(payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims))
      return claims as Readonly<Record<string, unknown>>;
  } catch {
    // Answered below like every other payload that is no object.
  }
  throw new StrongroomError('proof-invalid', { detail: 'claims' });
}

function workloadCaller({ id, version }: RegistryRecord<'cluster'>, workload: Workload): Caller {
  const principal = workloadPrincipal(id, workload);
  const { namespace, pod, node, expiresAtMs } = workload;
  return {
    principal,
    proof: 'workload-jwt',
    actor: {
      id: principal,
      proof: 'workload-jwt',
      cluster: id,
      namespace,
      pod,
      ...(node === undefined ? {} : { node }),
    },
    voucher: { kind: 'cluster', id, version },
    proofExpiresAtMs: expiresAtMs,
  };
}
