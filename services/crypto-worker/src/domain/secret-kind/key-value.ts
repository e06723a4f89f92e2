import { readPem } from './pem.ts';
import { isPrivateKey, readPrivateKey } from './private-key.ts';
import { type CheckValue, invalid, valid } from './value-verdict.ts';

/** AES, HMAC and ChaCha20 keys; P-521 is no size that raw keys come in. */
const rawBytes: ReadonlySet<number> = new Set([16, 24, 32, 48, 64]);

/** A private key in PEM, or the bytes of a symmetric key. */
export const checkKey: CheckValue = (value) => {
  const blocks = readPem(value);
  if (blocks === undefined)
    return rawBytes.has(value.length)
      ? valid
      : invalid('a key is a private key in PEM, or 16, 24, 32, 48 or 64 bytes');
  const [block] = blocks;
  if (block === undefined || blocks.length > 1 || !isPrivateKey(block))
    return invalid('a key is one private key in PEM, not encrypted');
  return readPrivateKey(block) === undefined ? invalid('the private key can not be read') : valid;
};
