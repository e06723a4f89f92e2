/** The HSM module called directly, as both the raw loop and the bare chain do: no adapter, no guarantees. */
import { readFileSync } from 'node:fs';
import pkcs11js from 'pkcs11js';

export interface TokenPlace {
  readonly module: string;
  readonly tokenLabel: string;
  readonly pinFile: string;
}

/** What one call of the module does, and where the key is: on the token, or an object of the session. */
export type RawLoop =
  | 'aes-gcm decrypt, token key'
  | 'aes-gcm encrypt, session key'
  | 'ed25519 sign, token key'
  | 'ecdsa p-256 sign, token key';

const payloadBytes = 32;
const nonceBytes = 12;
const tagBits = 128;

export interface OpenHsm {
  operation(name: RawLoop): () => Buffer;
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
  const decrypt = (key: Buffer) => {
    const sealed = encrypt(key)();
    const iv = sealed.subarray(0, nonceBytes);
    const ciphertext = sealed.subarray(nonceBytes);
    return () => {
      cryptoki.C_DecryptInit(session, mechanism(iv), key);
      return cryptoki.C_Decrypt(session, ciphertext, Buffer.alloc(ciphertext.length));
    };
  };
  const sign = ({ make, mechanism: signing, curve, messageBytes }: SigningKind) => {
    const pair = cryptoki.C_GenerateKeyPair(
      session,
      { mechanism: make },
      [
        { type: pkcs11js.CKA_TOKEN, value: true },
        { type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(curve, 'hex') },
      ],
      [
        { type: pkcs11js.CKA_TOKEN, value: true },
        { type: pkcs11js.CKA_PRIVATE, value: true },
        { type: pkcs11js.CKA_SENSITIVE, value: true },
        { type: pkcs11js.CKA_SIGN, value: true },
      ],
    );
    const message = Buffer.alloc(messageBytes, 1);
    return () => {
      cryptoki.C_SignInit(session, { mechanism: signing }, pair.privateKey);
      return cryptoki.C_Sign(session, message, Buffer.alloc(64));
    };
  };
  return {
    operation(name) {
      switch (name) {
        case 'aes-gcm decrypt, token key':
          return decrypt(makeKey(true));
        case 'aes-gcm encrypt, session key':
          return encrypt(makeKey(false));
        case 'ed25519 sign, token key':
          return sign(ed25519);
        case 'ecdsa p-256 sign, token key':
          return sign(p256);
      }
    },
    close: () => cryptoki.C_Finalize(),
  };
}

interface SigningKind {
  readonly make: number;
  readonly mechanism: number;
  /** Object identifier in DER. */
  readonly curve: string;
  readonly messageBytes: number;
}

/** CKM_EC_EDWARDS_KEY_PAIR_GEN and CKM_EDDSA (PKCS#11 v3.0), which the binding has no names for. */
const ed25519: SigningKind = { make: 0x1055, mechanism: 0x1057, curve: '06032b6570', messageBytes: 32 };
const p256: SigningKind = {
  make: pkcs11js.CKM_EC_KEY_PAIR_GEN,
  mechanism: pkcs11js.CKM_ECDSA,
  curve: '06082a8648ce3d030107',
  messageBytes: 32,
};
