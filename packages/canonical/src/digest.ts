/** Domain-separated SHA-256: a hash made for one purpose is never the hash for another. */
import { createHash } from 'node:crypto';
import { type CanonicalValue, canonicalText } from './canonical-json.ts';

const separator = new Uint8Array(1);

/** SHA-256(domain 0x00 canonical(value)); 32 bytes. */
export function digest(domain: string, value: CanonicalValue): Uint8Array {
  return createHash('sha256').update(domain).update(separator).update(canonicalText(value), 'utf8').digest();
}

/** SHA-256(domain 0x00 part part …); the parts must be of fixed length or carry their own, since nothing separates them. */
export function digestBytes(domain: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256').update(domain).update(separator);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
