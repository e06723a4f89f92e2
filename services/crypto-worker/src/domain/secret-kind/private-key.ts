/** Private keys in PEM. Encrypted ones are refused: the platform encrypts, and could not check what is inside. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { PemBlock } from './pem.ts';

const labels: ReadonlySet<string> = new Set(['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY']);

export const isPrivateKey = ({ label }: PemBlock): boolean => labels.has(label);

/** `undefined` for what is no private key. */
export function readPrivateKey({ pem }: PemBlock): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength), format: 'pem' });
  } catch {
    return undefined;
  }
}
