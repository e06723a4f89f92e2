import { type Static, Type } from 'typebox';
import { closed, HttpsUrl, IpAddress, Name, Standing, Text, Timestamp } from '../fields.ts';
import { operation } from '../operation.ts';

/** A public key of the cluster's service-account issuer, as in its JWKS (RFC 7517). Asymmetric algorithms only. */
export const ClusterKey = Type.Union([
  closed({
    kty: Type.Literal('RSA'),
    kid: Text(128),
    alg: Type.Literal('RS256'),
    n: Text(1_024),
    e: Text(16),
  }),
  closed({
    kty: Type.Literal('EC'),
    kid: Text(128),
    alg: Type.Literal('ES256'),
    crv: Type.Literal('P-256'),
    x: Text(64),
    y: Text(64),
  }),
]);
export type ClusterKey = Static<typeof ClusterKey>;

/**
 * Where an issuer publishes its keys, for workers to fetch them over TLS. Without `jwksUrl` they follow the issuer's discovery
 * document (OpenID Connect Discovery 1.0 section 4), on the issuer's own host.
 */
export const KeySource = closed({
  jwksUrl: Type.Optional(HttpsUrl),
  /** PEM of the only authorities that may vouch for the host; without it those that the worker's Node.js trusts. */
  ca: Type.Optional(Text(8_192)),
  /** Addresses that the host may have although they are not public. Others that are not are never connected to. */
  addresses: Type.Optional(Type.Array(IpAddress, { maxItems: 8 })),
});
export type KeySource = Static<typeof KeySource>;

export const ClusterDescription = closed({
  name: Name,
  /** Exact `iss` of its service-account tokens. */
  issuer: Text(256),
  /** Exact single `aud` that tokens for the worker must carry. */
  audience: Text(256),
  /** Those that were registered; none where the issuer is asked. */
  keys: Type.Array(ClusterKey, { maxItems: 8 }),
  keySource: Type.Optional(KeySource),
  state: Standing,
  createdAt: Timestamp,
});
export type ClusterDescription = Static<typeof ClusterDescription>;
export const ClusterRegisterRequest = closed({
  name: Name,
  issuer: Type.String({ minLength: 1, maxLength: 256 }),
  audience: Type.String({ minLength: 1, maxLength: 256 }),
  /** Keys, a source of keys, or both. */
  keys: Type.Array(ClusterKey, { maxItems: 8 }),
  keySource: Type.Optional(KeySource),
});
export type ClusterRegisterRequest = Static<typeof ClusterRegisterRequest>;
export const ClusterNamedRequest = closed({ name: Name });
export type ClusterNamedRequest = Static<typeof ClusterNamedRequest>;
export const ClusterListRequest = closed({});
export type ClusterListRequest = Static<typeof ClusterListRequest>;
export const ClusterListReply = closed({ clusters: Type.Array(ClusterDescription, { maxItems: 500 }) });
export type ClusterListReply = Static<typeof ClusterListReply>;

export interface ClusterOperations {
  'cluster.register': { request: ClusterRegisterRequest; reply: ClusterDescription };
  'cluster.describe': { request: ClusterNamedRequest; reply: ClusterDescription };
  'cluster.disable': { request: ClusterNamedRequest; reply: ClusterDescription };
  'cluster.list': { request: ClusterListRequest; reply: ClusterListReply };
}

const manage = {
  class: 'manage',
  actors: 'any',
  deadlineMs: 5_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;
const plainRegister = {
  name: 'plain',
  issuer: 'plain',
  audience: 'plain',
  keys: 'commit',
  keySource: 'commit',
} as const;
const plainDescription = { ...plainRegister, state: 'plain', createdAt: 'never' } as const;
const object = { kind: 'cluster', name: 'name' } as const;

export const clusterOperations = [
  operation({
    ...manage,
    name: 'cluster.register',
    summary: 'Registers a cluster by the issuer and keys of its service-account tokens.',
    request: ClusterRegisterRequest,
    reply: ClusterDescription,
    privilege: 'cluster.register',
    object,
    mutates: true,
    guardable: true,
    audit: { request: plainRegister, reply: plainDescription },
    rest: { method: 'PUT', path: '/v1/clusters/{name}' },
  }),
  operation({
    ...manage,
    name: 'cluster.describe',
    summary: 'Shows a registered cluster.',
    request: ClusterNamedRequest,
    reply: ClusterDescription,
    privilege: 'cluster.describe',
    object,
    mutates: false,
    guardable: false,
    audit: { request: { name: 'plain' }, reply: plainDescription },
    rest: { method: 'GET', path: '/v1/clusters/{name}' },
  }),
  operation({
    ...manage,
    name: 'cluster.disable',
    summary: 'Disables a cluster; the sessions of its workloads end at their next message.',
    request: ClusterNamedRequest,
    reply: ClusterDescription,
    privilege: 'cluster.disable',
    object,
    mutates: true,
    guardable: true,
    audit: { request: { name: 'plain' }, reply: plainDescription },
    rest: { method: 'POST', path: '/v1/clusters/{name}/disable' },
  }),
  operation({
    ...manage,
    name: 'cluster.list',
    summary: 'Lists the registered clusters.',
    request: ClusterListRequest,
    reply: ClusterListReply,
    privilege: 'cluster.list',
    object: { kind: 'cluster' },
    mutates: false,
    guardable: false,
    audit: { request: {}, reply: { clusters: 'never' } },
    rest: { method: 'GET', path: '/v1/clusters' },
  }),
] as const;
