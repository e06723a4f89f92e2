/** Bytes as base64url without padding (RFC 4648 section 5), and comparison in constant time. */
import { timingSafeEqual } from 'node:crypto';
import { CanonicalError } from './canonical-json.ts';

const alphabet = /^[A-Za-z0-9_-]*$/;

export function encodeBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** Throws `CanonicalError`: one text for one value, so padding and non-zero padding bits are refused. */
export function decodeBytes(text: string): Uint8Array {
  if (!alphabet.test(text)) throw new CanonicalError('not base64url');
  const pooled = Buffer.from(text, 'base64url');
  if (pooled.toString('base64url') !== text) throw new CanonicalError('not base64url');
  // A copy of its own: a small Buffer shares the pool of the process with everything else.
  const bytes = new Uint8Array(pooled.length);
  bytes.set(pooled);
  return bytes;
}

/** Time depends on the lengths only. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
