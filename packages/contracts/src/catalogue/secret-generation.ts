/** Values that the worker makes, so that nobody sees them; and certificates for keys that it made. */
import { type Static, Type } from 'typebox';
import { Count, closed, Name, Text, Version } from '../fields.ts';
import { operation } from '../operation.ts';
import { SecretWriteReply } from './secret.ts';
import { dates, ExpectedVersion, named, SecretKind } from './secret-fields.ts';

/** The least number of characters of a class; a class that is not named does not occur. */
const AtLeast = Type.Optional(Type.Integer({ minimum: 0, maximum: 32 }));

export const PasswordRecipe = closed({
  recipe: Type.Literal('password'),
  length: Type.Integer({ minimum: 8, maximum: 128 }),
  classes: closed({ lower: AtLeast, upper: AtLeast, digits: AtLeast, symbols: AtLeast }),
  /** Leaves out `0O1lI|`. */
  omitsLookAlikes: Type.Optional(Type.Boolean()),
  /** Refused where the recipe has less. */
  entropyBitsMin: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_024 })),
});
export type PasswordRecipe = Static<typeof PasswordRecipe>;

/** Of a certificate's subject (RFC 5280 upper bounds). */
export const SubjectText = Type.String({ pattern: '^[\\x20-\\x7e]{1,64}$', maxLength: 64 });
export const DnsName = Type.String({
  pattern: '^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$',
  maxLength: 253,
});
export const KeyComment = Type.String({ pattern: '^[\\x21-\\x7e]{1,128}$', maxLength: 128 });

export const X509Recipe = closed({
  recipe: Type.Literal('x509'),
  algorithm: Type.Union([
    Type.Literal('ecdsa-p256'),
    Type.Literal('ed25519'),
    Type.Literal('rsa-2048'),
    Type.Literal('rsa-3072'),
    Type.Literal('rsa-4096'),
  ]),
  commonName: Type.Optional(SubjectText),
  organization: Type.Optional(SubjectText),
  dnsNames: Type.Array(DnsName, { maxItems: 24, uniqueItems: true }),
});
export type X509Recipe = Static<typeof X509Recipe>;
export type X509Algorithm = X509Recipe['algorithm'];

export const SecretRecipe = Type.Union([
  PasswordRecipe,
  closed({ recipe: Type.Literal('pin'), digits: Type.Integer({ minimum: 4, maximum: 32 }) }),
  /** Random bytes as base64url text. */
  closed({ recipe: Type.Literal('token'), bytes: Type.Integer({ minimum: 16, maximum: 512 }) }),
  /** Random bytes as they are. */
  closed({ recipe: Type.Literal('random'), bytes: Type.Integer({ minimum: 16, maximum: 1_024 }) }),
  closed({
    recipe: Type.Literal('ssh-ed25519'),
    comment: Type.Optional(KeyComment),
  }),
  X509Recipe,
]);
export type SecretRecipe = Static<typeof SecretRecipe>;

export const SecretGenerateRequest = closed({
  ...named,
  kind: SecretKind,
  recipe: SecretRecipe,
  expectedVersion: ExpectedVersion,
  ...dates,
});
export type SecretGenerateRequest = Static<typeof SecretGenerateRequest>;
export const SecretGenerateReply = closed({
  ...named,
  kind: SecretKind,
  version: Version,
  /** Whole bits, rounded down: how many equally likely values the recipe has. */
  entropyBits: Count,
  /** As it goes into `authorized_keys`; only of `ssh-ed25519`. */
  sshPublicKey: Type.Optional(Text(512)),
  /** PKCS #10 (RFC 2986), PEM; only of `x509`. */
  signingRequest: Type.Optional(Text(16_384)),
});
export type SecretGenerateReply = Static<typeof SecretGenerateReply>;

/** Writes a version of kind `certificate`: the chain given here with the private key of another secret of the group. */
export const SecretInstallRequest = closed({
  ...named,
  keyName: Name,
  keyVersion: Type.Optional(Version),
  /** PEM, the leaf first. */
  chain: Text(49_152),
  expectedVersion: ExpectedVersion,
  rotateBy: dates.rotateBy,
});
export type SecretInstallRequest = Static<typeof SecretInstallRequest>;

export interface SecretGenerationOperations {
  'secret.generate': { request: SecretGenerateRequest; reply: SecretGenerateReply };
  'secret.install-certificate': { request: SecretInstallRequest; reply: SecretWriteReply };
}

const plainNamed = { group: 'plain', name: 'plain' } as const;
const common = {
  class: 'crypto',
  object: { kind: 'secret', group: 'group', name: 'name' },
  privilege: 'secret.generate',
  actors: 'any',
  mutates: true,
  guardable: false,
  deadlineMs: 5_000,
  since: '0.1.0',
} as const;

export const secretGenerationOperations = [
  operation({
    ...common,
    name: 'secret.generate',
    summary: 'Makes a value in the worker and writes it as a new version; nobody sees it.',
    // The primes of a large RSA key take as long as luck has it.
    deadlineMs: 30_000,
    request: SecretGenerateRequest,
    reply: SecretGenerateReply,
    audit: {
      request: {
        ...plainNamed,
        kind: 'plain',
        recipe: 'plain',
        expectedVersion: 'plain',
        expiresAt: 'plain',
        rotateBy: 'plain',
      },
      reply: {
        ...plainNamed,
        kind: 'plain',
        version: 'plain',
        entropyBits: 'plain',
        sshPublicKey: 'plain',
        signingRequest: 'commit',
      },
    },
    requestBytesMax: 16_384,
    rest: { method: 'POST', path: '/v1/secrets/{group}/{name}/generate' },
  }),
  operation({
    ...common,
    name: 'secret.install-certificate',
    summary: 'Joins a certificate chain with the private key of a secret, which nobody sees.',
    request: SecretInstallRequest,
    reply: SecretWriteReply,
    audit: {
      request: {
        ...plainNamed,
        keyName: 'plain',
        keyVersion: 'plain',
        chain: 'commit',
        expectedVersion: 'plain',
        rotateBy: 'plain',
      },
      reply: { ...plainNamed, kind: 'plain', version: 'plain' },
    },
    requestBytesMax: 65_536,
    rest: { method: 'POST', path: '/v1/secrets/{group}/{name}/install-certificate' },
  }),
] as const;
