/**
 * Proof `workload-jwt`: a service-account token, verified with the keys of its cluster. The cluster is the one that the caller
 * names and not one that the token leads to.
 */
import type { ClusterKey, Proof } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Caller } from '../../domain/caller.ts';
import type { ClusterRecord } from '../../domain/issuer-record.ts';
import { readWorkload, type Workload, workloadPrincipal } from '../../domain/workload-claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry, RegistryRecord } from '../../ports/registry.ts';
import type { IssuedTokens } from './issued-tokens.ts';
import { ProofCache } from './proof-cache.ts';

export interface VerifyWorkloadTokenParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly clock: Clock;
  readonly tokens: IssuedTokens;
}

interface Remembered {
  readonly workload: Workload;
  readonly key: ClusterKey;
}

const rememberedMax = 4_096;

export function makeVerifyWorkloadToken(parts: VerifyWorkloadTokenParts) {
  const { registry, clock, tokens } = parts;
  const remembered = new ProofCache<Remembered>(rememberedMax);
  return async ({ cluster: name, token }: Extract<Proof, { kind: 'workload-jwt' }>): Promise<Caller> => {
    const record = await registry.read('cluster', name);
    if (record === undefined) throw new StrongroomError('proof-invalid', { detail: 'cluster' });
    const place = remembered.nameOf(name, token);
    const known = remembered.find(place, record.version, clock.nowMs());
    // A key that its issuer took back vouches for nothing that it signed before, either.
    if (known !== undefined && (await tokens.isStillPublished(record, known.key)))
      return workloadCaller(record, known.workload);
    const key = await tokens.keyOf(token, record);
    const workload = await verify({ token, key }, record.value, parts);
    remembered.keep(place, { workload, key }, record.version, workload.expiresAtMs);
    return workloadCaller(record, workload);
  };
}

async function verify(
  { token, key }: { readonly token: string; readonly key: ClusterKey },
  cluster: ClusterRecord,
  { clock, tokens }: VerifyWorkloadTokenParts,
): Promise<Workload> {
  const verdict = readWorkload(await tokens.claimsOf(token, key), cluster, clock.nowMs());
  if (verdict.status === 'refused') throw new StrongroomError(verdict.code, { detail: verdict.reason });
  // Only after the proof verified: before, it would tell anybody which clusters are disabled.
  if (cluster.state !== 'enabled') throw new StrongroomError('denied', { detail: 'the cluster is disabled' });
  return verdict.workload;
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
