import { type Static, Type } from 'typebox';
import { Bytes, Count, Cursor, closed, Name, PageLimit, Timestamp, Version } from '../fields.ts';
import { operation } from '../operation.ts';

export const SecretKind = Type.Union([
  Type.Literal('password'),
  Type.Literal('pin'),
  Type.Literal('api-key'),
  Type.Literal('ssh-key'),
  Type.Literal('certificate'),
  Type.Literal('key'),
  Type.Literal('opaque'),
]);
export type SecretKind = Static<typeof SecretKind>;

const named = { group: Name, name: Name };
const SecretValue = Bytes(65_536, 1);

export const SecretWriteRequest = closed({
  ...named,
  kind: SecretKind,
  value: SecretValue,
  /** Compare-and-swap: the version that the writer saw, 0 for a secret that must not exist yet. */
  expectedVersion: Type.Optional(Count),
});
export type SecretWriteRequest = Static<typeof SecretWriteRequest>;
export const SecretWriteReply = closed({ ...named, kind: SecretKind, version: Version });
export type SecretWriteReply = Static<typeof SecretWriteReply>;

export const SecretReadRequest = closed({ ...named, version: Type.Optional(Version) });
export type SecretReadRequest = Static<typeof SecretReadRequest>;
export const SecretReadReply = closed({ ...named, kind: SecretKind, version: Version, value: SecretValue });
export type SecretReadReply = Static<typeof SecretReadReply>;

const SecretReference = closed({ ...named, version: Type.Optional(Version) });
export const SecretReadManyRequest = closed({
  secrets: Type.Array(SecretReference, { minItems: 1, maxItems: 64 }),
});
export type SecretReadManyRequest = Static<typeof SecretReadManyRequest>;
/** One outcome a secret, in the order asked. */
export const SecretReadManyReply = closed({
  secrets: Type.Array(
    Type.Union([
      closed({ status: Type.Literal('done'), secret: SecretReadReply }),
      closed({ status: Type.Literal('refused'), ...named, code: Type.String({ maxLength: 64 }) }),
    ]),
    { maxItems: 64 },
  ),
});
export type SecretReadManyReply = Static<typeof SecretReadManyReply>;

export const SecretDescription = closed({
  ...named,
  kind: SecretKind,
  currentVersion: Version,
  versions: Type.Array(closed({ version: Version, createdAt: Timestamp }), { maxItems: 1_000 }),
  createdAt: Timestamp,
});
export type SecretDescription = Static<typeof SecretDescription>;
export const SecretNamedRequest = closed(named);
export type SecretNamedRequest = Static<typeof SecretNamedRequest>;
export const SecretListRequest = closed({ group: Name, limit: PageLimit, after: Type.Optional(Cursor) });
export type SecretListRequest = Static<typeof SecretListRequest>;
export const SecretListReply = closed({
  secrets: Type.Array(SecretDescription, { maxItems: 500 }),
  next: Type.Optional(Cursor),
});
export type SecretListReply = Static<typeof SecretListReply>;

export interface SecretOperations {
  'secret.write': { request: SecretWriteRequest; reply: SecretWriteReply };
  'secret.read': { request: SecretReadRequest; reply: SecretReadReply };
  'secret.read-many': { request: SecretReadManyRequest; reply: SecretReadManyReply };
  'secret.describe': { request: SecretNamedRequest; reply: SecretDescription };
  'secret.list': { request: SecretListRequest; reply: SecretListReply };
}

const object = { kind: 'secret', group: 'group', name: 'name' } as const;
const plainNamed = { group: 'plain', name: 'plain' } as const;

export const secretOperations = [
  operation({
    name: 'secret.write',
    summary: 'Writes a new version of a secret.',
    class: 'crypto',
    request: SecretWriteRequest,
    reply: SecretWriteReply,
    privilege: 'secret.write',
    object,
    actors: 'any',
    mutates: true,
    guardable: true,
    audit: {
      request: { ...plainNamed, kind: 'plain', value: 'never', expectedVersion: 'plain' },
      reply: { ...plainNamed, kind: 'plain', version: 'plain' },
    },
    deadlineMs: 5_000,
    requestBytesMax: 98_304,
    rest: { method: 'PUT', path: '/v1/secrets/{group}/{name}' },
    since: '0.1.0',
  }),
  operation({
    name: 'secret.read',
    summary: 'Reads the value of a secret version.',
    class: 'crypto',
    request: SecretReadRequest,
    reply: SecretReadReply,
    privilege: 'secret.read',
    object,
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: { ...plainNamed, version: 'plain' },
      reply: { ...plainNamed, kind: 'plain', version: 'plain', value: 'never' },
    },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/secrets/{group}/{name}/read' },
    since: '0.1.0',
  }),
  operation({
    name: 'secret.read-many',
    summary: 'Reads all secrets of a pod in one request, each with its own outcome.',
    class: 'crypto',
    request: SecretReadManyRequest,
    reply: SecretReadManyReply,
    privilege: 'secret.read',
    object: { kind: 'secret' },
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: { request: { secrets: 'plain' }, reply: { secrets: 'never' } },
    deadlineMs: 5_000,
    requestBytesMax: 16_384,
    rest: { method: 'POST', path: '/v1/secrets/read-many' },
    since: '0.1.0',
  }),
  operation({
    name: 'secret.describe',
    summary: 'Shows kind and versions of a secret; never its value, length or hash.',
    class: 'manage',
    request: SecretNamedRequest,
    reply: SecretDescription,
    privilege: 'secret.describe',
    object,
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: plainNamed,
      reply: { ...plainNamed, kind: 'plain', currentVersion: 'plain', versions: 'never', createdAt: 'never' },
    },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'GET', path: '/v1/secrets/{group}/{name}' },
    since: '0.1.0',
  }),
  operation({
    name: 'secret.list',
    summary: 'Lists the secrets of a group by name, a page at a time.',
    class: 'manage',
    request: SecretListRequest,
    reply: SecretListReply,
    privilege: 'secret.list',
    object: { kind: 'secret', group: 'group' },
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: { group: 'plain', limit: 'plain', after: 'never' },
      reply: { secrets: 'never', next: 'never' },
    },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/secrets/{group}/list' },
    since: '0.1.0',
  }),
] as const;
