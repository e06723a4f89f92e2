/** Request ids: UUID version 7 (RFC 9562 section 5.7), so that they sort by time and are never guessed. */
import { randomBytes } from 'node:crypto';

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isRequestId(text: string): boolean {
  return form.test(text);
}

export function newRequestId(nowMs: number = Date.now()): string {
  const octets = randomBytes(16);
  octets.writeUIntBE(nowMs, 0, 6);
  octets[6] = 0x70 | ((octets[6] ?? 0) & 0x0f);
  octets[8] = 0x80 | ((octets[8] ?? 0) & 0x3f);
  const hex = octets.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
