/**
 * What a service-account token must say before a worker believes that it speaks for a pod. The signature is checked
 * elsewhere; here is everything else, on claims that a cluster's key has signed. Facts: reference on injection, section
 * 4.2; claims of Kubernetes bound tokens, KEP-1205 and KEP-4193.
 */
import type { ClusterRecord } from './issuer-record.ts';

/** What clocks of a cluster and of the workers may differ. */
const clockSkewSeconds = 30;
/** A kubelet asks for an hour at the most by default; a token for a day was not made for this. */
const tokenLifetimeSecondsMax = 24 * 3_600;

export interface Workload {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string;
  readonly node: string | undefined;
  readonly expiresAtMs: number;
}

export type WorkloadVerdict =
  | { readonly status: 'believed'; readonly workload: Workload }
  | { readonly status: 'refused'; readonly code: 'proof-invalid' | 'proof-expired'; readonly reason: string };

type Claims = Readonly<Record<string, unknown>>;

const namespacePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** A service account's name has at most 63 characters here, since it becomes part of a principal's id. */
const accountPattern = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;
const objectPattern = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const uidPattern = /^[A-Za-z0-9-]{1,64}$/;

export function readWorkload(
  claims: Claims,
  cluster: Pick<ClusterRecord, 'issuer' | 'audience'>,
  nowMs: number,
): WorkloadVerdict {
  if (claims['iss'] !== cluster.issuer) return invalid('issuer');
  if (!isExactAudience(claims['aud'], cluster.audience)) return invalid('audience');
  const time = readTime(claims, nowMs);
  if (typeof time === 'object') return time;
  const kubernetes = objectOf(claims['kubernetes.io']);
  const account = objectOf(kubernetes?.['serviceaccount']);
  const pod = objectOf(kubernetes?.['pod']);
  const namespace = matching(kubernetes?.['namespace'], namespacePattern);
  const serviceAccount = matching(account?.['name'], accountPattern);
  const podName = matching(pod?.['name'], objectPattern);
  if (namespace === undefined || serviceAccount === undefined || podName === undefined)
    return invalid('kubernetes.io');
  if (matching(account?.['uid'], uidPattern) === undefined) return invalid('service account uid');
  if (matching(pod?.['uid'], uidPattern) === undefined) return invalid('pod uid');
  // Both say who it is; where they differ, the token was not made by a TokenRequest.
  if (claims['sub'] !== `system:serviceaccount:${namespace}:${serviceAccount}`) return invalid('subject');
  const node = matching(objectOf(kubernetes?.['node'])?.['name'], objectPattern);
  return {
    status: 'believed',
    workload: { namespace, serviceAccount, pod: podName, node, expiresAtMs: time * 1_000 },
  };
}

export function workloadPrincipal(cluster: string, { namespace, serviceAccount }: Workload): string {
  return `workload:${cluster}/${namespace}/${serviceAccount}`;
}

/** Expiry in seconds, or the refusal. */
function readTime(claims: Claims, nowMs: number): number | WorkloadVerdict {
  const { exp, nbf, iat } = claims as { exp?: unknown; nbf?: unknown; iat?: unknown };
  if (!isSeconds(exp) || !isSeconds(iat)) return invalid('exp and iat');
  if (nbf !== undefined && !isSeconds(nbf)) return invalid('nbf');
  if (exp - iat > tokenLifetimeSecondsMax || exp <= iat) return invalid('lifetime');
  const now = nowMs / 1_000;
  if (now >= exp + clockSkewSeconds) return expired('exp');
  if (now < Math.max(nbf ?? iat, iat) - clockSkewSeconds) return expired('nbf');
  return exp;
}

/** Exactly one: a token for two audiences can be replayed by either of them. */
function isExactAudience(given: unknown, wanted: string): boolean {
  if (Array.isArray(given)) return given.length === 1 && given[0] === wanted;
  return given === wanted;
}

const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

function objectOf(value: unknown): Claims | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

const invalid = (reason: string): WorkloadVerdict => ({ status: 'refused', code: 'proof-invalid', reason });
const expired = (reason: string): WorkloadVerdict => ({ status: 'refused', code: 'proof-expired', reason });
