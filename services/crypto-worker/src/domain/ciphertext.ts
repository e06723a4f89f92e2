/**
 * Ciphertext that says what it is: `sr1.<key id>.<version>.<form>.<payload>`. The id is the one that the key was made with and
 * no other key ever gets, the version is decimal, the payload base64url. There is one text for one ciphertext, so a text can be
 * compared, stored as a key and searched for by its start: all that a key, or one version of it, has made.
 *
 * Id and version outside only help to find the key. What binds them is the associated data of `gcm` (`dataContext`), and for
 * the forms that take none (`kw`, `kwp`) or that outsiders make (`oaep`), that each version has material of its own.
 */
import { CanonicalError, decodeBytes, encodeBytes } from '@strongroom/canonical';

/**
 * `gcm`: AES-GCM, nonce (12 octets), ciphertext, tag (16 octets). `oaep`: RSAES-OAEP (RFC 8017 section 7.1) with SHA-256 for
 * hash and mask. `kw`, `kwp`: AES key wrap without and with padding (RFC 3394, RFC 5649).
 */
export type CiphertextForm = 'gcm' | 'oaep' | 'kw' | 'kwp';

export interface Ciphertext {
  readonly keyId: string;
  readonly version: number;
  readonly form: CiphertextForm;
  readonly payload: Uint8Array;
}

const versionMax = 2 ** 31 - 1;
const pattern = /^sr1\.([0-9a-f-]{36})\.([1-9][0-9]{0,9})\.(gcm|oaep|kwp?)\.([A-Za-z0-9_-]{1,90000})$/;

export function formatCiphertext({ keyId, version, form, payload }: Ciphertext): string {
  return `sr1.${keyId}.${version}.${form}.${encodeBytes(payload)}`;
}

/** `undefined` for every text that `formatCiphertext` does not make. */
export function parseCiphertext(text: string): Ciphertext | undefined {
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  const [, keyId, digits, form, encoded] = parts as unknown as readonly [
    string,
    string,
    string,
    string,
    string,
  ];
  const version = Number(digits);
  if (version > versionMax) return undefined;
  const payload = payloadOf(encoded);
  return payload && { keyId, version, form: form as CiphertextForm, payload };
}

function payloadOf(encoded: string): Uint8Array | undefined {
  try {
    return decodeBytes(encoded);
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}
