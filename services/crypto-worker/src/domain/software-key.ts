/**
 * What is bound to the octets of a key of protection `software` while an HSM key encrypts them: a row that is moved to another
 * key or version does not open (I9). The id of a key is never used twice, in no tenant.
 */
import { canonicalBytes } from '@strongroom/canonical';
import type { KeyPlace } from './data-context.ts';

export function softwareContext({ keyId, version }: Pick<KeyPlace, 'keyId' | 'version'>): Uint8Array {
  return canonicalBytes({ keyId, use: 'software-key', version });
}
