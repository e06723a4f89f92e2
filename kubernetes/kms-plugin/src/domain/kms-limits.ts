/**
 * The limits that the API server holds against a plugin's answers, checked both ways: an answer outside of them would be
 * dropped there without a useful word. Source: apiserver kmsv2/envelope.go and grpc_service.go; KEP-3299.
 */
export const kmsLimits = Object.freeze({
  /** Octets of UTF-8. */
  keyIdBytesMax: 1_024,
  ciphertextBytesMax: 1_024,
  /** Seeds are 32 bytes; older data holds raw DEKs. The API server refuses a shorter plaintext. */
  plaintextBytesMin: 32,
  plaintextBytesMax: 1_024,
  /** Keys and values of all annotations together. */
  annotationsBytesMax: 32 * 1_024,
  annotationsMax: 8,
  uidBytesMax: 256,
});

// A lower-case DNS name with at least two labels of 63 characters, 253 in all; a trailing dot is allowed.
const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const annotationKey = new RegExp(`^${label}(\\.${label})+\\.?$`);

export type Annotations = Readonly<Record<string, Uint8Array>>;

/** The names of the fields that break a limit; empty when all is well. */
export function checkDecryptRequest(request: {
  readonly ciphertext: Uint8Array;
  readonly keyId: string;
  readonly uid: string;
  readonly annotations: Annotations;
}): readonly string[] {
  return [
    ...(isWithin(request.ciphertext.length, 1, kmsLimits.ciphertextBytesMax) ? [] : ['ciphertext']),
    ...(isWithin(Buffer.byteLength(request.keyId), 1, kmsLimits.keyIdBytesMax) ? [] : ['key_id']),
    ...(isWithin(Buffer.byteLength(request.uid), 0, kmsLimits.uidBytesMax) ? [] : ['uid']),
    ...checkAnnotations(request.annotations),
  ];
}

export function checkEncryptRequest(request: {
  readonly plaintext: Uint8Array;
  readonly uid: string;
}): readonly string[] {
  return [
    ...(isWithin(request.plaintext.length, 1, kmsLimits.plaintextBytesMax) ? [] : ['plaintext']),
    ...(isWithin(Buffer.byteLength(request.uid), 0, kmsLimits.uidBytesMax) ? [] : ['uid']),
  ];
}

export function checkEncryptAnswer(answer: {
  readonly ciphertext: Uint8Array;
  readonly keyId: string;
  readonly annotations: Annotations;
}): readonly string[] {
  return [
    ...(isWithin(answer.ciphertext.length, 1, kmsLimits.ciphertextBytesMax) ? [] : ['ciphertext']),
    ...(isWithin(Buffer.byteLength(answer.keyId), 1, kmsLimits.keyIdBytesMax) ? [] : ['key_id']),
    ...checkAnnotations(answer.annotations),
  ];
}

function checkAnnotations(annotations: Annotations): readonly string[] {
  const entries = Object.entries(annotations);
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + value.length, 0);
  const isAllowed =
    entries.length <= kmsLimits.annotationsMax &&
    bytes <= kmsLimits.annotationsBytesMax &&
    entries.every(([key]) => key.length <= 253 && annotationKey.test(key));
  return isAllowed ? [] : ['annotations'];
}

const isWithin = (value: number, min: number, max: number): boolean => value >= min && value <= max;
