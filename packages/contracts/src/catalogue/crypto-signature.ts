/** Signatures by keys of purpose `signing`, and MACs by keys of purpose `mac`. */
import { type Static, Type } from 'typebox';
import { Bytes, closed, Version } from '../fields.ts';
import { keyNamed, keyRow, keyUsed } from './crypto-row.ts';

export const SignatureMechanism = Type.Union([
  Type.Literal('ed25519'),
  Type.Literal('ecdsa-sha256'),
  Type.Literal('ecdsa-sha384'),
  Type.Literal('rsa-pss-sha256'),
  Type.Literal('rsa-pss-sha384'),
  Type.Literal('rsa-pss-sha512'),
  Type.Literal('rsa-pkcs1-sha256'),
  Type.Literal('rsa-pkcs1-sha384'),
  Type.Literal('rsa-pkcs1-sha512'),
]);
export type SignatureMechanism = Static<typeof SignatureMechanism>;

/** What is handed in: the message, or its digest by the hash of the mechanism. Ed25519 signs messages only. */
export const SignatureInput = Type.Union([Type.Literal('message'), Type.Literal('digest')]);
export type SignatureInput = Static<typeof SignatureInput>;

/** Of ECDSA only, and needed there: two numbers of fixed length (RFC 7518), or DER (RFC 3279). */
export const EcdsaEncoding = Type.Union([Type.Literal('jose'), Type.Literal('der')]);
export type EcdsaEncoding = Static<typeof EcdsaEncoding>;

const SignatureBytes = Bytes(512, 1);
const signing = {
  ...keyNamed,
  mechanism: SignatureMechanism,
  input: Bytes(65_536, 1),
  inputType: SignatureInput,
  encoding: Type.Optional(EcdsaEncoding),
};
const verdict = closed({ ...keyUsed, valid: Type.Boolean() });
/** Absent: the current one. */
const wantedVersion = { version: Type.Optional(Version) };

export const CryptoSignRequest = closed(signing);
export type CryptoSignRequest = Static<typeof CryptoSignRequest>;
export const CryptoSignReply = closed({ ...keyUsed, signature: SignatureBytes });
export type CryptoSignReply = Static<typeof CryptoSignReply>;
export const CryptoVerifyRequest = closed({ ...signing, ...wantedVersion, signature: SignatureBytes });
export type CryptoVerifyRequest = Static<typeof CryptoVerifyRequest>;
export const CryptoVerifyReply = verdict;
export type CryptoVerifyReply = Static<typeof CryptoVerifyReply>;

const macInput = { ...keyNamed, input: Bytes(65_536, 1) };
const Mac = Bytes(64, 1);

export const CryptoMacRequest = closed(macInput);
export type CryptoMacRequest = Static<typeof CryptoMacRequest>;
export const CryptoMacReply = closed({ ...keyUsed, mac: Mac });
export type CryptoMacReply = Static<typeof CryptoMacReply>;
export const CryptoVerifyMacRequest = closed({ ...macInput, ...wantedVersion, mac: Mac });
export type CryptoVerifyMacRequest = Static<typeof CryptoVerifyMacRequest>;
export const CryptoVerifyMacReply = verdict;
export type CryptoVerifyMacReply = Static<typeof CryptoVerifyMacReply>;

const plainSigning = { mechanism: 'plain', input: 'never', inputType: 'plain', encoding: 'plain' } as const;

export const signRow = keyRow({
  verb: 'sign',
  summary: 'Signs a message or a digest with the current version of a signing key.',
  request: CryptoSignRequest,
  reply: CryptoSignReply,
  audit: { request: plainSigning, reply: { signature: 'never' } },
});
export const verifyRow = keyRow({
  verb: 'verify',
  summary: 'Says whether a signature is of a version of a signing key.',
  request: CryptoVerifyRequest,
  reply: CryptoVerifyReply,
  audit: {
    request: { ...plainSigning, version: 'plain', signature: 'never' },
    reply: { valid: 'plain' },
  },
});
export const macRow = keyRow({
  verb: 'mac',
  summary: 'Makes an HMAC with the current version of a MAC key.',
  request: CryptoMacRequest,
  reply: CryptoMacReply,
  audit: { request: { input: 'never' }, reply: { mac: 'never' } },
});
export const verifyMacRow = keyRow({
  verb: 'verify-mac',
  summary: 'Says whether an HMAC is of a version of a MAC key.',
  request: CryptoVerifyMacRequest,
  reply: CryptoVerifyMacReply,
  audit: { request: { input: 'never', version: 'plain', mac: 'never' }, reply: { valid: 'plain' } },
});
