/**
 * Software keys of the workers: HMAC-SHA256 by the HSM's MAC key over what the key is for. All workers get the same ones,
 * none is stored, and none can be told from another. They live as KeyObjects, which print nothing.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { Hsm } from '../../ports/hsm.ts';

export const keyPurpose = Object.freeze({
  registryMac: 'registry-mac/1',
  outcome: 'outcome/1',
  intentMac: 'intent-mac/1',
  waitingOperation: 'waiting-operation/1',
  apiKey: 'api-key/1',
  commitment: 'commitment/1',
  ticket: (pool: string, epoch: number) => `ticket/1/${pool}/${epoch}`,
});

/** 32 bytes; whoever takes them zeroes them. Throws `hsm-unavailable`, `absent` before the ceremony. */
export function deriveBytes(hsm: Pick<Hsm, 'mac'>, purpose: string): Promise<Uint8Array> {
  return hsm.mac(hsmLabel.mac, Buffer.from(`strongroom/derive/${purpose}`, 'utf8'));
}

export async function deriveKey(hsm: Pick<Hsm, 'mac'>, purpose: string): Promise<KeyObject> {
  const bytes = await deriveBytes(hsm, purpose);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
