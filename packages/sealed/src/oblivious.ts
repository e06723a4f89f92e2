/**
 * Oblivious HTTP encapsulation (RFC 9458 section 4) over HPKE in base mode (RFC 9180). It knows no message of ours: the
 * suite, the media type labels and the associated data are parameters, so that the RFC's own example runs through the
 * code that carries our traffic. RFC 9458 leaves the associated data empty; ours is the head of the frame.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { CipherSuite } from 'hpke';
import type { X25519Key, X25519KeyPair } from './hpke-primitives.ts';

export interface ObliviousSuite {
  readonly cipher: CipherSuite<X25519Key>;
  /** The same AEAD in node:crypto, for the response (RFC 9458 section 4.4). */
  readonly responseCipher: 'aes-128-gcm' | 'aes-256-gcm';
}

/** Media types; RFC 9458 section 4.6 asks for labels of their own for other contents than binary HTTP. */
export interface ObliviousLabels {
  readonly request: string;
  readonly response: string;
}

export interface ObliviousProtocol {
  readonly suite: ObliviousSuite;
  readonly labels: ObliviousLabels;
}

export interface SenderExchange {
  readonly encapsulated: Uint8Array;
  /** Throws when the response was not made for this request. */
  openResponse(encapsulated: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  exportSecret(label: string, bytes: number): Promise<Uint8Array>;
}

export interface RecipientExchange {
  readonly request: Uint8Array;
  /** Each call draws a nonce of its own, and with it a key: a request may be answered any number of times. */
  sealResponse(response: Uint8Array, aad: Uint8Array, nonce?: Uint8Array): Uint8Array;
  exportSecret(label: string, bytes: number): Promise<Uint8Array>;
}

const none = new Uint8Array();
const keyIdBytes = 1;
const hdrBytes = 7;

export async function encapsulateRequest(
  protocol: ObliviousProtocol,
  keyId: number,
  publicKey: X25519Key,
  request: Uint8Array,
  aad: Uint8Array = none,
): Promise<SenderExchange> {
  const { suite, labels } = protocol;
  const hdr = requestHdr(suite, keyId);
  const { encapsulatedSecret: enc, ctx } = await suite.cipher.SetupSender(publicKey, {
    info: requestInfo(labels, hdr),
  });
  const ciphertext = await ctx.Seal(request, aad);
  return {
    encapsulated: Buffer.concat([hdr, enc, ciphertext]),
    exportSecret: (label, bytes) => ctx.Export(Buffer.from(label), bytes),
    openResponse: async (encapsulated, responseAad) => {
      const secret = await ctx.Export(Buffer.from(labels.response), responseNonceBytes(suite));
      return openResponse(suite, secret, enc, encapsulated, responseAad);
    },
  };
}

/** Throws for whatever is not a request that was encapsulated to this key with this associated data. */
export async function decapsulateRequest(
  protocol: ObliviousProtocol,
  keyId: number,
  keys: X25519KeyPair,
  encapsulated: Uint8Array,
  aad: Uint8Array = none,
): Promise<RecipientExchange> {
  const { suite, labels } = protocol;
  const hdr = requestHdr(suite, keyId);
  const encEnd = hdrBytes + suite.cipher.KEM.Nenc;
  if (encapsulated.length < encEnd + suite.cipher.AEAD.Nt)
    throw new RangeError('encapsulated request too short');
  if (!hdr.equals(encapsulated.subarray(0, hdrBytes))) throw new RangeError('another key or suite');
  const enc = encapsulated.slice(hdrBytes, encEnd);
  const ctx = await suite.cipher.SetupRecipient(keys, enc, { info: requestInfo(labels, hdr) });
  const request = await ctx.Open(encapsulated.subarray(encEnd), aad);
  const secret = await ctx.Export(Buffer.from(labels.response), responseNonceBytes(suite));
  return {
    request,
    exportSecret: (label, bytes) => ctx.Export(Buffer.from(label), bytes),
    sealResponse: (response, responseAad, nonce = randomBytes(responseNonceBytes(suite))) =>
      sealResponse(suite, secret, enc, nonce, response, responseAad),
  };
}

/** hdr = key id, KEM id, KDF id, AEAD id (RFC 9458 section 4.3). */
function requestHdr(suite: ObliviousSuite, keyId: number): Buffer {
  const hdr = Buffer.alloc(hdrBytes);
  hdr.writeUInt8(keyId, 0);
  hdr.writeUInt16BE(suite.cipher.KEM.id, keyIdBytes);
  hdr.writeUInt16BE(suite.cipher.KDF.id, keyIdBytes + 2);
  hdr.writeUInt16BE(suite.cipher.AEAD.id, keyIdBytes + 4);
  return hdr;
}

/** info = label, a zero octet, hdr (RFC 9458 section 4.3). */
function requestInfo(labels: ObliviousLabels, hdr: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(labels.request), Uint8Array.of(0), hdr]);
}

/** max(Nn, Nk): length of the exported secret and of the response nonce (RFC 9458 section 4.4). */
function responseNonceBytes(suite: ObliviousSuite): number {
  return Math.max(suite.cipher.AEAD.Nn, suite.cipher.AEAD.Nk);
}

/** RFC 9458 section 4.4: salt = enc and nonce, then Extract, Expand "key" and "nonce". */
function responseKeys(suite: ObliviousSuite, secret: Uint8Array, enc: Uint8Array, responseNonce: Uint8Array) {
  const salt = Buffer.concat([enc, responseNonce]);
  return {
    key: createSecretKey(Buffer.from(hkdfSync('sha256', secret, salt, 'key', suite.cipher.AEAD.Nk))),
    nonce: new Uint8Array(hkdfSync('sha256', secret, salt, 'nonce', suite.cipher.AEAD.Nn)),
  };
}

function sealResponse(
  suite: ObliviousSuite,
  secret: Uint8Array,
  enc: Uint8Array,
  responseNonce: Uint8Array,
  response: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  const { key, nonce } = responseKeys(suite, secret, enc, responseNonce);
  const cipher = createCipheriv(suite.responseCipher, key, nonce).setAAD(aad);
  return Buffer.concat([responseNonce, cipher.update(response), cipher.final(), cipher.getAuthTag()]);
}

function openResponse(
  suite: ObliviousSuite,
  secret: Uint8Array,
  enc: Uint8Array,
  encapsulated: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  const nonceEnd = responseNonceBytes(suite);
  const tagStart = encapsulated.length - suite.cipher.AEAD.Nt;
  if (tagStart < nonceEnd) throw new RangeError('encapsulated response too short');
  const { key, nonce } = responseKeys(suite, secret, enc, encapsulated.subarray(0, nonceEnd));
  const decipher = createDecipheriv(suite.responseCipher, key, nonce, {
    authTagLength: suite.cipher.AEAD.Nt,
  });
  decipher.setAAD(aad).setAuthTag(encapsulated.subarray(tagStart));
  const response = decipher.update(encapsulated.subarray(nonceEnd, tagStart));
  decipher.final();
  return response;
}
