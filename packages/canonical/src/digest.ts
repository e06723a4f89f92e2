/** Domain-separated SHA-256: a hash made for one purpose is never the hash for another. */
import { createHash, hash } from 'node:crypto';
import { type CanonicalValue, canonicalText } from './canonical-json.ts';

const separator = new Uint8Array(1);

/** SHA-256(domain 0x00 canonical(value)); 32 bytes. In one call: that is twice as fast as three updates. */
export function digest(domain: string, value: CanonicalValue): Uint8Array {
  return hash('sha256', `${domain}\0${canonicalText(value)}`, 'buffer');
}

/** SHA-256(domain 0x00 part part …); the parts must be of fixed length or carry their own, since nothing separates them. */
export function digestBytes(domain: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const sha256 = createHash('sha256').update(domain).update(separator);
  for (const part of parts) sha256.update(part);
  return sha256.digest();
}
