/** The public half of a version in the forms that people and libraries read. */
import { createPublicKey } from 'node:crypto';
import type { KeyPublicKeyReply, PublicJwk } from '@strongroom/contracts';
import type { KeyRecord, KeyVersionRecord } from './record.ts';

/** `undefined` for a version that has no public half. */
export function publicKeyOf(
  { id, type, purpose }: KeyRecord,
  { version, publicKey }: KeyVersionRecord,
): KeyPublicKeyReply | undefined {
  if (publicKey === undefined) return undefined;
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' });
  const pem = key.export({ format: 'pem', type: 'spki' }) as string;
  const { kty, n, e, crv, x, y } = key.export({ format: 'jwk' }) as Omit<PublicJwk, 'kid' | 'use'>;
  const members = Object.entries({ n, e, crv, x, y }).filter(([, value]) => value !== undefined);
  const jwk: PublicJwk = {
    kty,
    kid: `${id}.${version}`,
    use: purpose === 'signing' ? 'sig' : 'enc',
    ...(Object.fromEntries(members) as Partial<PublicJwk>),
  };
  return { version, type, pem, jwk };
}
