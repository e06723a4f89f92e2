import { type Static, Type } from 'typebox';
import {
  Bytes,
  Cursor,
  closed,
  Name,
  PageLimit,
  PrincipalId,
  PublicKey,
  Standing,
  Text,
  Timestamp,
} from '../fields.ts';
import { operation } from '../operation.ts';

/** A passkey that a person signs in with: its id, and its public key as 32 bytes of Ed25519 or a compressed point of P-256. */
export const Passkey = closed({ credentialId: Bytes(1_023, 1), publicKey: PublicKey });
export type Passkey = Static<typeof Passkey>;

/**
 * How the principal will prove itself: a key of its own, Ed25519 or P-256, an API key that the
 * worker makes, or single sign-on. Who has passkeys shows one at every sign-in. */
export const Credential = Type.Union([
  closed({ kind: Type.Literal('key'), publicKey: PublicKey }),
  closed({ kind: Type.Literal('api-key'), expiresAt: Timestamp }),
  closed({
    kind: Type.Literal('sso'),
    provider: Name,
    /** Exact `sub` of the person's ID tokens. */
    subject: Type.String({ minLength: 1, maxLength: 255 }),
    passkeys: Type.Array(Passkey, { maxItems: 8 }),
  }),
]);
export type Credential = Static<typeof Credential>;

export const PrincipalDescription = closed({
  principal: PrincipalId,
  state: Standing,
  /** `erased`: nothing is known of the person any more but the id. */
  credential: Type.Union([
    Type.Literal('key'),
    Type.Literal('api-key'),
    Type.Literal('sso'),
    Type.Literal('erased'),
  ]),
  createdAt: Timestamp,
  erasedAt: Type.Optional(Timestamp),
});
export type PrincipalDescription = Static<typeof PrincipalDescription>;

export const PrincipalEnrolRequest = closed({ principal: PrincipalId, credential: Credential });
export type PrincipalEnrolRequest = Static<typeof PrincipalEnrolRequest>;
export const PrincipalEnrolReply = closed({
  principal: PrincipalId,
  credential: Type.Union([Type.Literal('key'), Type.Literal('api-key'), Type.Literal('sso')]),
  /** Shown once: `sr_<id>_<secret>`. Absent for `key`. */
  apiKey: Type.Optional(Text(120)),
});
export type PrincipalEnrolReply = Static<typeof PrincipalEnrolReply>;
export const PrincipalNamedRequest = closed({ principal: PrincipalId });
export type PrincipalNamedRequest = Static<typeof PrincipalNamedRequest>;
export const PrincipalEraseRequest = closed({
  principal: PrincipalId,
  /** Whose quorum has to agree. */
  policy: Name,
  /** Why, for the log: a legal ground, a ticket. Says nothing about the person. */
  ground: Type.String({ pattern: '^[A-Za-z0-9 ._:/#-]{1,200}$', maxLength: 200 }),
});
export type PrincipalEraseRequest = Static<typeof PrincipalEraseRequest>;
export const PrincipalListRequest = closed({ limit: PageLimit, after: Type.Optional(Cursor) });
export type PrincipalListRequest = Static<typeof PrincipalListRequest>;
export const PrincipalListReply = closed({
  principals: Type.Array(PrincipalDescription, { maxItems: 500 }),
  next: Type.Optional(Cursor),
});
export type PrincipalListReply = Static<typeof PrincipalListReply>;

export interface PrincipalOperations {
  'principal.enrol': { request: PrincipalEnrolRequest; reply: PrincipalEnrolReply };
  'principal.describe': { request: PrincipalNamedRequest; reply: PrincipalDescription };
  'principal.list': { request: PrincipalListRequest; reply: PrincipalListReply };
  'principal.disable': { request: PrincipalNamedRequest; reply: PrincipalDescription };
  'principal.erase': { request: PrincipalEraseRequest; reply: PrincipalDescription };
}

const manage = {
  class: 'manage',
  actors: 'any',
  deadlineMs: 5_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;
const principal = { kind: 'principal', name: 'principal' } as const;
const plainPrincipal = {
  principal: 'plain',
  state: 'plain',
  credential: 'plain',
  createdAt: 'never',
  erasedAt: 'plain',
} as const;
const plainPage = { limit: 'plain', after: 'never' } as const;

export const principalOperations = [
  operation({
    ...manage,
    name: 'principal.enrol',
    summary: 'Enrols a user, app or plugin with the means to prove itself.',
    request: PrincipalEnrolRequest,
    reply: PrincipalEnrolReply,
    privilege: 'principal.enrol',
    object: principal,
    mutates: true,
    guardable: false,
    audit: {
      // Not even as a commitment: it holds what the provider calls the person, and the person has no salt yet.
      request: { principal: 'plain', credential: 'never' },
      reply: { principal: 'plain', credential: 'plain', apiKey: 'never' },
    },
    rest: { method: 'POST', path: '/v1/principals' },
  }),
  operation({
    ...manage,
    name: 'principal.describe',
    summary: 'Shows a principal.',
    request: PrincipalNamedRequest,
    reply: PrincipalDescription,
    privilege: 'principal.describe',
    object: principal,
    mutates: false,
    guardable: false,
    audit: { request: { principal: 'plain' }, reply: plainPrincipal },
    rest: { method: 'POST', path: '/v1/principals/describe' },
  }),
  operation({
    ...manage,
    name: 'principal.list',
    summary: 'Lists the principals of the tenant, a page at a time.',
    request: PrincipalListRequest,
    reply: PrincipalListReply,
    privilege: 'principal.list',
    object: { kind: 'principal' },
    mutates: false,
    guardable: false,
    audit: { request: plainPage, reply: { principals: 'never', next: 'never' } },
    rest: { method: 'POST', path: '/v1/principals/list' },
  }),
  operation({
    ...manage,
    name: 'principal.disable',
    summary: 'Disables a principal; its sessions end at their next message.',
    request: PrincipalNamedRequest,
    reply: PrincipalDescription,
    privilege: 'principal.disable',
    object: principal,
    mutates: true,
    guardable: true,
    audit: { request: { principal: 'plain' }, reply: plainPrincipal },
    rest: { method: 'POST', path: '/v1/principals/disable' },
  }),
  operation({
    ...manage,
    name: 'principal.erase',
    summary:
      'Forgets a disabled principal: its credential, and the salt of its commitments in the log. Always under a quorum.',
    request: PrincipalEraseRequest,
    reply: PrincipalDescription,
    privilege: 'principal.erase',
    object: { ...principal, policy: 'policy' },
    mutates: true,
    guardable: true,
    audit: {
      request: { principal: 'plain', policy: 'plain', ground: 'plain' },
      reply: plainPrincipal,
    },
    rest: { method: 'POST', path: '/v1/principals/erase' },
  }),
] as const;
