/**
 * What an ID token must say before a worker believes that a person signed in for one session key (OpenID Connect Core 1.0
 * section 3.1.3.7). The signature is checked elsewhere; here is everything else.
 */
import type { SsoProviderRecord } from './issuer-record.ts';

/** What clocks of a provider and of the workers may differ. */
const clockSkewSeconds = 30;
/** However long a provider lets a token live: who signed in yesterday signs in again. */
const signInSecondsMax = 12 * 3_600;

export interface SignIn {
  readonly subject: string;
  /** Base64url of the session key's hash. */
  readonly nonce: string;
}

export type SignInVerdict =
  | { readonly status: 'believed'; readonly expiresAtMs: number }
  | { readonly status: 'refused'; readonly code: 'proof-invalid' | 'proof-expired'; readonly reason: string };

export function readSignIn(
  claims: Readonly<Record<string, unknown>>,
  { issuer, clientId }: Pick<SsoProviderRecord, 'issuer' | 'clientId'>,
  { subject, nonce }: SignIn,
  nowMs: number,
): SignInVerdict {
  const { iss, aud, azp, sub, exp, iat, nbf } = claims;
  if (iss !== issuer) return invalid('issuer');
  // A token for two clients can be shown by either of them.
  if (aud !== clientId && !(Array.isArray(aud) && aud.length === 1 && aud[0] === clientId))
    return invalid('audience');
  if (azp !== undefined && azp !== clientId) return invalid('authorised party');
  if (sub !== subject) return invalid('subject');
  if (claims['nonce'] !== nonce) return invalid('nonce');
  if (!isSeconds(exp) || !isSeconds(iat) || exp <= iat) return invalid('exp and iat');
  if (nbf !== undefined && !isSeconds(nbf)) return invalid('nbf');
  const now = nowMs / 1_000;
  const until = Math.min(exp, iat + signInSecondsMax);
  if (now >= until + clockSkewSeconds) return expired('exp');
  if (now < Math.max(nbf ?? iat, iat) - clockSkewSeconds) return expired('nbf');
  return { status: 'believed', expiresAtMs: until * 1_000 };
}

const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const invalid = (reason: string): SignInVerdict => ({ status: 'refused', code: 'proof-invalid', reason });
const expired = (reason: string): SignInVerdict => ({ status: 'refused', code: 'proof-expired', reason });
