import { type Static, Type } from 'typebox';
import { closed, HttpsUrl, Name, Standing, Text, Timestamp } from '../fields.ts';
import { operation } from '../operation.ts';
import { ClusterKey, KeySource } from './cluster.ts';

/** Where passkeys of the provider's people are made and used (WebAuthn section 4). */
export const RelyingParty = closed({
  id: Type.String({ pattern: '^[a-z0-9.-]{1,253}$', maxLength: 253 }),
  /** Exact origin of the sign-in page. */
  origin: HttpsUrl,
});
export type RelyingParty = Static<typeof RelyingParty>;

const provider = {
  name: Name,
  /** Exact `iss` of its ID tokens. */
  issuer: Type.String({ minLength: 1, maxLength: 256 }),
  /** Exact single `aud` of its ID tokens: the client id of this deployment. */
  clientId: Type.String({ minLength: 1, maxLength: 256 }),
  keys: Type.Array(ClusterKey, { maxItems: 8 }),
  keySource: Type.Optional(KeySource),
  /** Without it nobody of this provider can have a passkey. */
  relyingParty: Type.Optional(RelyingParty),
};
export const SsoProviderDescription = closed({ ...provider, state: Standing, createdAt: Timestamp });
export type SsoProviderDescription = Static<typeof SsoProviderDescription>;
export const SsoRegisterRequest = closed(provider);
export type SsoRegisterRequest = Static<typeof SsoRegisterRequest>;
export const SsoNamedRequest = closed({ name: Name });
export type SsoNamedRequest = Static<typeof SsoNamedRequest>;
export const SsoListRequest = closed({});
export type SsoListRequest = Static<typeof SsoListRequest>;
export const SsoListReply = closed({
  providers: Type.Array(closed({ name: Name, issuer: Text(256), state: Standing }), { maxItems: 100 }),
});
export type SsoListReply = Static<typeof SsoListReply>;

export interface SsoOperations {
  'sso.register': { request: SsoRegisterRequest; reply: SsoProviderDescription };
  'sso.describe': { request: SsoNamedRequest; reply: SsoProviderDescription };
  'sso.list': { request: SsoListRequest; reply: SsoListReply };
  'sso.disable': { request: SsoNamedRequest; reply: SsoProviderDescription };
}

const manage = {
  class: 'manage',
  actors: 'any',
  deadlineMs: 5_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;
const object = { kind: 'sso-provider', name: 'name' } as const;
const registered = {
  name: 'plain',
  issuer: 'plain',
  clientId: 'plain',
  keys: 'commit',
  keySource: 'commit',
  relyingParty: 'commit',
} as const;
const described = { ...registered, state: 'plain', createdAt: 'never' } as const;

export const ssoOperations = [
  operation({
    ...manage,
    name: 'sso.register',
    summary: 'Registers a provider of single sign-on by issuer, client id and keys.',
    request: SsoRegisterRequest,
    reply: SsoProviderDescription,
    privilege: 'sso.register',
    object,
    mutates: true,
    guardable: true,
    audit: { request: registered, reply: described },
    rest: { method: 'PUT', path: '/v1/sso/{name}' },
  }),
  operation({
    ...manage,
    name: 'sso.describe',
    summary: 'Shows a provider of single sign-on.',
    request: SsoNamedRequest,
    reply: SsoProviderDescription,
    privilege: 'sso.describe',
    object,
    mutates: false,
    guardable: false,
    audit: { request: { name: 'plain' }, reply: described },
    rest: { method: 'GET', path: '/v1/sso/{name}' },
  }),
  operation({
    ...manage,
    name: 'sso.list',
    summary: 'Lists the providers of single sign-on.',
    request: SsoListRequest,
    reply: SsoListReply,
    privilege: 'sso.list',
    object: { kind: 'sso-provider' },
    mutates: false,
    guardable: false,
    audit: { request: {}, reply: { providers: 'never' } },
    rest: { method: 'GET', path: '/v1/sso' },
  }),
  operation({
    ...manage,
    name: 'sso.disable',
    summary: 'Disables a provider; the sessions of its people end at their next message.',
    request: SsoNamedRequest,
    reply: SsoProviderDescription,
    privilege: 'sso.disable',
    object,
    mutates: true,
    guardable: true,
    audit: { request: { name: 'plain' }, reply: described },
    rest: { method: 'POST', path: '/v1/sso/{name}/disable' },
  }),
] as const;
