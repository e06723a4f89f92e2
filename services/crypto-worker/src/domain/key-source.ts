/** Where an issuer's keys are asked for: what a registration may say, and what a discovery document may lead to. */
import { X509Certificate } from 'node:crypto';
import type { KeySource } from '@strongroom/contracts';

const discoveryPath = '/.well-known/openid-configuration';

/** URL of the discovery document (OpenID Connect Discovery 1.0 section 4); `undefined` for an issuer that can have none. */
export function discoveryUrl(issuer: string): string | undefined {
  const url = httpsUrl(issuer);
  if (url === undefined || url.search !== '') return undefined;
  return `${issuer.replace(/\/$/, '')}${discoveryPath}`;
}

/** The field of a registration that is no source, or nothing. */
export function problemOfKeySource(issuer: string, { jwksUrl, ca }: KeySource): string | undefined {
  if (jwksUrl === undefined && discoveryUrl(issuer) === undefined) return 'issuer';
  if (jwksUrl !== undefined && httpsUrl(jwksUrl) === undefined) return 'keySource/jwksUrl';
  return ca === undefined || isCertificate(ca) ? undefined : 'keySource/ca';
}

/**
 * The URL of the key set by a discovery document. It must be the issuer's own, and the set on the same host: a document that
 * leads elsewhere would let whoever writes it choose whom the workers believe.
 */
export function keySetUrl(issuer: string, document: unknown): string | undefined {
  const { issuer: named, jwks_uri: target } = (document ?? {}) as Readonly<Record<string, unknown>>;
  if (named !== issuer || typeof target !== 'string') return undefined;
  const url = httpsUrl(target);
  return url !== undefined && url.origin === URL.parse(issuer)?.origin ? url.href : undefined;
}

function httpsUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.hash !== '')
    return undefined;
  return url;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    // The one way to fail: the text holds no certificate.
    return false;
  }
}
