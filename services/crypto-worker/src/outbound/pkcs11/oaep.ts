/** RSA-OAEP without a label (RFC 8017 section 7.1). The mask has the hash of the message, as everybody has it. */
import type { HsmOaepHash } from '../../ports/hsm-key.ts';
import { ckg, ckm, oaepParametersTag } from './constants.ts';
import type { Mechanism } from './cryptoki.ts';
import { asForged, ofNumber } from './forged.ts';
import { rsaTypes } from './key-kind.ts';
import type { TokenConnection } from './token-connection.ts';

/** CKZ_DATA_SPECIFIED, with no data. */
const source = 1;
const outputBytesMax = 1_024;

const hashes: Readonly<Record<HsmOaepHash, { hashAlg: number; mgf: number }>> = {
  sha256: { hashAlg: ckm.sha256, mgf: ckg.mgf1Sha256 },
  sha1: { hashAlg: ckm.sha1, mgf: ckg.mgf1Sha1 },
};

export function oaepMechanism(hash: HsmOaepHash): Mechanism {
  return { mechanism: ckm.rsaOaep, parameter: { type: oaepParametersTag, ...hashes[hash], source } };
}

export async function decryptOaep(
  connection: TokenConnection,
  label: string,
  ciphertext: Uint8Array,
  hash: HsmOaepHash,
): Promise<Uint8Array> {
  const { cryptoki, sessions } = connection;
  return connection.withKeyAsync(label, rsaTypes, async ({ handle }) => {
    try {
      return await sessions.useAsync(async (session) => {
        cryptoki.C_DecryptInit(session, oaepMechanism(hash), handle);
        return cryptoki.C_DecryptAsync(session, ciphertext, Buffer.alloc(outputBytesMax));
      });
    } catch (error) {
      throw asForged(error, () => connection.probe(), undefined, ofNumber);
    }
  });
}
