/** The HSM module called directly, as both the raw loop and the bare chain do: no adapter, no guarantees. */
import { readFileSync } from 'node:fs';
import pkcs11js from 'pkcs11js';

export interface TokenPlace {
  readonly module: string;
  readonly tokenLabel: string;
  readonly pinFile: string;
}

/** `kms.unwrap`: decrypt under a key on the token. `crypto.encrypt`: encrypt under a key in the session. */
export type HsmCase = 'kms.unwrap' | 'crypto.encrypt';

const payloadBytes = 32;
const nonceBytes = 12;
const tagBits = 128;

export interface OpenHsm {
  operation(name: HsmCase): () => Buffer;
  close(): void;
}

export function openHsm({ module, tokenLabel, pinFile }: TokenPlace): OpenHsm {
  const cryptoki = new pkcs11js.PKCS11();
  cryptoki.load(module);
  cryptoki.C_Initialize();
  const slot = cryptoki
    .C_GetSlotList(true)
    .find((candidate) => cryptoki.C_GetTokenInfo(candidate).label.trim() === tokenLabel);
  if (slot === undefined) throw new Error('no such token');
  const session = cryptoki.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
  cryptoki.C_Login(session, pkcs11js.CKU_USER, readFileSync(pinFile, 'utf8').trim());
  const makeKey = (isToken: boolean) =>
    cryptoki.C_GenerateKey(session, { mechanism: pkcs11js.CKM_AES_KEY_GEN }, [
      { type: pkcs11js.CKA_TOKEN, value: isToken },
      { type: pkcs11js.CKA_PRIVATE, value: true },
      { type: pkcs11js.CKA_SENSITIVE, value: true },
      { type: pkcs11js.CKA_EXTRACTABLE, value: false },
      { type: pkcs11js.CKA_ENCRYPT, value: true },
      { type: pkcs11js.CKA_DECRYPT, value: true },
      { type: pkcs11js.CKA_VALUE_LEN, value: 32 },
    ]);
  const associatedData = Buffer.alloc(16, 7);
  const mechanism = (iv: Buffer) => ({
    mechanism: pkcs11js.CKM_AES_GCM,
    parameter: {
      type: pkcs11js.CK_PARAMS_AES_GCM_v240,
      iv,
      ivBits: iv.length * 8,
      aad: associatedData,
      tagBits,
    },
  });
  const encrypt = (key: Buffer) => (): Buffer => {
    const iv = cryptoki.C_GenerateRandom(session, Buffer.alloc(nonceBytes));
    cryptoki.C_EncryptInit(session, mechanism(iv), key);
    return Buffer.concat([
      iv,
      cryptoki.C_Encrypt(session, Buffer.alloc(payloadBytes, 1), Buffer.alloc(payloadBytes + 16)),
    ]);
  };
  return {
    operation(name) {
      const key = makeKey(name === 'kms.unwrap');
      if (name === 'crypto.encrypt') return encrypt(key);
      const sealed = encrypt(key)();
      const iv = sealed.subarray(0, nonceBytes);
      const ciphertext = sealed.subarray(nonceBytes);
      return () => {
        cryptoki.C_DecryptInit(session, mechanism(iv), key);
        return cryptoki.C_Decrypt(session, ciphertext, Buffer.alloc(ciphertext.length));
      };
    },
    close: () => cryptoki.C_Finalize(),
  };
}
