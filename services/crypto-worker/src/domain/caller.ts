/**
 * Who asks, after the proof was verified: the principal, and the record that vouches for it. When that record changes, what
 * was verified before is worth nothing any more, so a session is bound to its version.
 */
import type { EntryActor, Proof } from '@strongroom/contracts';

/** Principal record of a key or API key; cluster record of a workload. */
export interface Voucher {
  readonly kind: 'principal' | 'cluster';
  readonly id: string;
  readonly version: number;
}

export interface Caller {
  readonly principal: string;
  readonly proof: Proof['kind'];
  /** As it appears in the log. */
  readonly actor: EntryActor;
  readonly voucher: Voucher;
  /** Whom the principal signed in with. */
  readonly provider?: Omit<Voucher, 'kind'>;
  /** Of the principal's record: what its commitments are salted with. */
  readonly commitmentSalt?: string;
  /** Of the proof in this very message, which may open a session until then; absent where the caller was proven before. */
  readonly proofExpiresAtMs?: number;
}

/** Facts of a caller as a session ticket carries them; `callerFromFacts` is the reverse. */
export function factsOf({ actor, voucher, provider }: Caller): Record<string, string> {
  const { cluster, namespace, pod, node } = actor;
  const facts: Record<string, string> = {
    voucher: `${voucher.kind}:${voucher.id}`,
    voucherVersion: String(voucher.version),
    ...(provider === undefined ? {} : { provider: provider.id, providerVersion: String(provider.version) }),
  };
  for (const [name, value] of Object.entries({ cluster, namespace, pod, node })) {
    if (value !== undefined) facts[name] = value;
  }
  return facts;
}

/** `undefined` for facts that no worker of this version wrote. */
export function callerFromFacts(
  principal: string,
  proof: Proof['kind'],
  facts: Readonly<Record<string, string>>,
): Caller | undefined {
  const [, kind, id] = /^(principal|cluster):(.+)$/.exec(facts['voucher'] ?? '') ?? [];
  const version = versionOf(facts['voucherVersion']);
  const provider = facts['provider'];
  const providerVersion = versionOf(facts['providerVersion']);
  if (id === undefined || version === undefined) return undefined;
  if ((provider === undefined) !== (providerVersion === undefined)) return undefined;
  const optional = (name: 'cluster' | 'namespace' | 'pod' | 'node') =>
    facts[name] === undefined ? {} : { [name]: facts[name] };
  return {
    principal,
    proof,
    actor: {
      id: principal,
      proof,
      ...optional('cluster'),
      ...optional('namespace'),
      ...optional('pod'),
      ...optional('node'),
    },
    voucher: { kind: kind as Voucher['kind'], id, version },
    ...(provider === undefined || providerVersion === undefined
      ? {}
      : { provider: { id: provider, version: providerVersion } }),
  };
}

function versionOf(text: string | undefined): number | undefined {
  const version = Number(text);
  return Number.isSafeInteger(version) && version >= 1 ? version : undefined;
}
