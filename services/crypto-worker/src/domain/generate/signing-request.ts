/** A certificate signing request (PKCS #10, RFC 2986) for a key pair, with its names in the subjectAltName (RFC 5280). */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { X509Recipe } from '@strongroom/contracts';
import { bits, context, implicitText, octets, oid, sequence, set, utf8 } from './der.ts';

const oids = Object.freeze({
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectAltName: '2.5.29.17',
  extensionRequest: '1.2.840.113549.1.9.14',
});
/** Of the key types that a key pair can have: hash, and AlgorithmIdentifier of the signature (RFC 5758, RFC 8410, RFC 4055). */
const signatures = Object.freeze({
  ec: { hash: 'sha256', identifier: sequence(oid('1.2.840.10045.4.3.2')) },
  ed25519: { hash: null, identifier: sequence(oid('1.3.101.112')) },
  rsa: { hash: 'sha256', identifier: sequence(oid('1.2.840.113549.1.1.11'), Buffer.from('0500', 'hex')) },
});
const versionZero = Buffer.from('020100', 'hex');
const dnsName = 2;
const lineCharacters = 64;

/** Of an EC key on P-256, an Ed25519 key or an RSA key. */
export function signingRequest(key: KeyObject, recipe: X509Recipe): string {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const info = sequence(versionZero, subjectOf(recipe), spki, context(0, ...attributesOf(recipe)));
  const { hash, identifier } = signatures[key.asymmetricKeyType as keyof typeof signatures];
  const signature = sign(hash, info, key);
  return pemOf('CERTIFICATE REQUEST', sequence(info, identifier, bits(signature)));
}

function subjectOf({ organization, commonName }: X509Recipe): Buffer {
  const name = (type: string, text: string | undefined) =>
    text === undefined ? [] : [set(sequence(oid(type), utf8(text)))];
  return sequence(...name(oids.organization, organization), ...name(oids.commonName, commonName));
}

function attributesOf({ dnsNames }: X509Recipe): readonly Buffer[] {
  if (dnsNames.length === 0) return [];
  const names = sequence(...dnsNames.map((name) => implicitText(dnsName, name)));
  const extension = sequence(oid(oids.subjectAltName), octets(names));
  return [sequence(oid(oids.extensionRequest), set(sequence(extension)))];
}

function pemOf(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${lineCharacters}}`, 'g')) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
