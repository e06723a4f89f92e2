import { createHmac, type KeyObject } from 'node:crypto';

/** What is stored of an API key's secret: nobody who reads or writes the database can tell or make one. */
export function apiKeyMac(key: KeyObject, id: string, secret: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(id).update(secret).digest();
}
