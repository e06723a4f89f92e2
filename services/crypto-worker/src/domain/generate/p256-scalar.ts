/** P-256 from a random scalar (FIPS 186-5 appendix A.2.2): one that is not below the order of the group is drawn again. */
import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';

const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

/** `undefined` for a scalar that is none; about one of 2^32. */
export function p256PrivateKey(scalar: Uint8Array): KeyObject | undefined {
  if (Buffer.compare(scalar, order) >= 0 || scalar.every((byte) => byte === 0)) return undefined;
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(scalar);
  const point = pair.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)];
  const d = Buffer.from(scalar.buffer, scalar.byteOffset, scalar.byteLength);
  const part = (bytes: Buffer) => bytes.toString('base64url');
  return createPrivateKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', x: part(x), y: part(y), d: part(d) },
  });
}
