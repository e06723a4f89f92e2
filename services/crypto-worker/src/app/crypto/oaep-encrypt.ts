/**
 * RSAES-OAEP (RFC 8017 section 7.1) with SHA-256 for hash and mask and no label. It needs the public half only, so it is done
 * here; but not where the token lacks what opens it again, because such a ciphertext would be lost.
 */
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import type { Hsm } from '../../ports/hsm.ts';

const mechanism = 'rsa-oaep-sha256';
/** Two hashes and two octets. */
const overheadBytes = 66;
const padding = constants.RSA_PKCS1_OAEP_PADDING;

/** `publicKey`: SPKI DER. Throws `mechanism-unsupported`, and `request-invalid` for what is too long. */
export async function oaepEncrypt(
  hsm: Pick<Hsm, 'capabilities'>,
  publicKey: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const { mechanisms, lacking } = await hsm.capabilities();
  if (!mechanisms.includes(mechanism)) {
    const lacked = lacking.find(({ name }) => name === mechanism)?.mechanism ?? mechanism;
    throw new StrongroomError('mechanism-unsupported', { detail: lacked });
  }
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  const bytesMax = Number(key.asymmetricKeyDetails?.modulusLength) / 8 - overheadBytes;
  if (plaintext.length > bytesMax)
    throw new StrongroomError('request-invalid', { detail: `/plaintext: more than ${bytesMax} bytes` });
  return publicEncrypt({ key, padding, oaepHash: 'sha256' }, plaintext);
}
