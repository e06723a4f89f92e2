/** API keys: `sr_<id>_<secret>`, 96 bits of id and 256 bits of secret. Of the secret only a keyed hash is stored. */
import { CanonicalError, decodeBytes, encodeBytes } from '@strongroom/canonical';

export const apiKeyIdBytes = 12;
export const apiKeySecretBytes = 32;

export interface ApiKey {
  /** Lower-case hex. */
  readonly id: string;
  /** Whoever parsed it zeroes it. */
  readonly secret: Uint8Array;
}

const form = /^sr_([0-9a-f]{24})_([A-Za-z0-9_-]{43})$/;

export function formatApiKey(id: Uint8Array, secret: Uint8Array): string {
  return `sr_${Buffer.from(id).toString('hex')}_${encodeBytes(secret)}`;
}

/** `undefined` for everything that is not exactly the one form of an API key. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  try {
    return { id, secret: decodeBytes(secret) };
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}
