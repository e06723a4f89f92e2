import { deepEqual, throws } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { edwardsPoint } from './key-attributes.ts';

describe('CKA_EC_POINT of an Ed25519 key', () => {
  const point = randomBytes(32);

  it('is taken raw, as an OCTET STRING and as a BIT STRING', () => {
    for (const prefix of ['', '0420', '032100']) {
      const encoded = Buffer.concat([Buffer.from(prefix, 'hex'), point]);
      deepEqual(Buffer.from(edwardsPoint(encoded)), point);
    }
  });

  it('is refused in any other form', () => {
    for (const prefix of ['0421', '032101', '04', '042004']) {
      const encoded = Buffer.concat([Buffer.from(prefix, 'hex'), point]);
      throws(
        () => edwardsPoint(encoded),
        (error) => isStrongroomError(error) && error.code === 'hsm-inconsistent',
      );
    }
    throws(() => edwardsPoint(new Uint8Array(0)));
  });
});
