/**
 * Public keys of a token issuer. Two algorithms by allow-list, both asymmetric; the type of a key decides its algorithm, so a
 * token can not (RFC 8725 section 3.1). Of a published set (RFC 7517) nothing else is read: no URL, no certificate in it.
 */
import { createPublicKey } from 'node:crypto';
import { canonicalText } from '@strongroom/canonical';
import type { ClusterKey } from '@strongroom/contracts';

const modulusBitsMin = 2_048;
const keysMax = 32;
const kidCharactersMax = 128;

export function isUsableKey(key: ClusterKey): boolean {
  try {
    const { asymmetricKeyDetails: details } = createPublicKey({ key: { ...key }, format: 'jwk' });
    return key.kty === 'EC' || (details?.modulusLength ?? 0) >= modulusBitsMin;
  } catch {
    // The one way to fail: the members are not those of a key of this type.
    return false;
  }
}

export function isSameKey(left: ClusterKey, right: ClusterKey): boolean {
  return left === right || canonicalText({ ...left }) === canonicalText({ ...right });
}

export type KeySetVerdict =
  | { readonly status: 'read'; readonly keys: readonly ClusterKey[] }
  | { readonly status: 'refused'; readonly reason: string };

/** Keys for other purposes are passed over; a set that no honest issuer publishes is refused whole. */
export function readKeySet(document: unknown): KeySetVerdict {
  const entries = membersOf(document)?.['keys'];
  if (!Array.isArray(entries)) return refused('it is no key set');
  if (entries.length > keysMax) return refused('it has too many keys');
  if (entries.some((entry) => membersOf(entry)?.['d'] !== undefined)) return refused('it has a private key');
  const keys = entries.map(readKey).filter((key) => key !== undefined);
  if (keys.length === 0) return refused('it has no key that can be used');
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length) return refused('two keys have one kid');
  return { status: 'read', keys };
}

function readKey(entry: unknown): ClusterKey | undefined {
  const { kty, kid, alg, use, crv, n, e, x, y } = membersOf(entry) ?? {};
  if (use !== undefined && use !== 'sig') return undefined;
  if (!isText(kid) || kid.length === 0 || kid.length > kidCharactersMax) return undefined;
  let key: ClusterKey | undefined;
  if (kty === 'RSA' && isOneOf(alg, 'RS256') && isText(n) && isText(e))
    key = { kty, kid, alg: 'RS256', n, e };
  if (kty === 'EC' && crv === 'P-256' && isOneOf(alg, 'ES256') && isText(x) && isText(y))
    key = { kty, kid, alg: 'ES256', crv, x, y };
  return key !== undefined && isUsableKey(key) ? key : undefined;
}

/** Many issuers name no algorithm. */
const isOneOf = (given: unknown, wanted: string): boolean => given === undefined || given === wanted;
const isText = (value: unknown): value is string => typeof value === 'string';
const refused = (reason: string): KeySetVerdict => ({ status: 'refused', reason });

function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
