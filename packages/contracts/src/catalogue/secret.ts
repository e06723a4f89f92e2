/** Writing and reading secret values. What becomes of versions afterwards is in `secret-lifecycle.ts`. */
import { type Static, Type } from 'typebox';
import { Cursor, closed, Name, Timestamp, Version } from '../fields.ts';
import { Labels } from '../key-usage.ts';
import { operation } from '../operation.ts';
import {
  dates,
  ExpectedVersion,
  named,
  SecretKind,
  SecretMetadata,
  SecretValue,
  SecretVersionDescription,
  SecretVersionState,
  secretVersionsMax,
  VersionLife,
  VersionsKept,
} from './secret-fields.ts';

export {
  opaqueBytesMax,
  SecretKind,
  SecretMetadata,
  SecretVersionDescription,
  SecretVersionState,
  secretBytesMax,
  secretVersionsMax,
} from './secret-fields.ts';

export const SecretWriteRequest = closed({
  ...named,
  kind: SecretKind,
  value: SecretValue,
  expectedVersion: ExpectedVersion,
  ...dates,
});
export type SecretWriteRequest = Static<typeof SecretWriteRequest>;
export const SecretWriteReply = closed({ ...named, kind: SecretKind, version: Version });
export type SecretWriteReply = Static<typeof SecretWriteReply>;

export const SecretReadRequest = closed({ ...named, version: Type.Optional(Version) });
export type SecretReadRequest = Static<typeof SecretReadRequest>;
export const SecretReadReply = closed({
  ...named,
  kind: SecretKind,
  version: Version,
  value: SecretValue,
  ...dates,
});
export type SecretReadReply = Static<typeof SecretReadReply>;

const SecretReference = closed({ ...named, version: Type.Optional(Version) });
export const SecretReadManyRequest = closed({
  secrets: Type.Array(SecretReference, { minItems: 1, maxItems: 64 }),
});
export type SecretReadManyRequest = Static<typeof SecretReadManyRequest>;
/**
 * One outcome a secret, in the order asked. A reply holds values of 1 MiB together; one that finds no room any more is
 * refused with `message-too-large` and can be asked for again, with others or alone.
 */
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
  /** 0: no version was written yet. */
  currentVersion: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
  versions: Type.Array(SecretVersionDescription, { maxItems: secretVersionsMax }),
  labels: Labels,
  metadata: SecretMetadata,
  versionsMax: VersionsKept,
  /** A write must say which version it saw. */
  requiresExpectedVersion: Type.Boolean(),
  versionLifeSeconds: Type.Optional(VersionLife),
  /** Policy of the governance root whose quorum guards what can not be undone. */
  policy: Type.Optional(Name),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type SecretDescription = Static<typeof SecretDescription>;
export const SecretNamedRequest = closed(named);
export type SecretNamedRequest = Static<typeof SecretNamedRequest>;

/** A line of a listing: the state is that of the current version. */
export const SecretSummary = closed({
  ...named,
  kind: SecretKind,
  currentVersion: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
  state: Type.Union([SecretVersionState, Type.Literal('empty')]),
  ...dates,
  labels: Labels,
  updatedAt: Timestamp,
});
export type SecretSummary = Static<typeof SecretSummary>;
export const NamePrefix = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,62}$', maxLength: 63 });
export const SecretListRequest = closed({
  group: Name,
  /** Only names that start with it. */
  prefix: Type.Optional(NamePrefix),
  /** Smaller than that of other listings, since secrets carry labels: a page fits into a reply. */
  limit: Type.Integer({ minimum: 1, maximum: 200 }),
  after: Type.Optional(Cursor),
});
export type SecretListRequest = Static<typeof SecretListRequest>;
export const SecretListReply = closed({
  secrets: Type.Array(SecretSummary, { maxItems: 200 }),
  next: Type.Optional(Cursor),
});
export type SecretListReply = Static<typeof SecretListReply>;

export interface SecretValueOperations {
  'secret.write': { request: SecretWriteRequest; reply: SecretWriteReply };
  'secret.read': { request: SecretReadRequest; reply: SecretReadReply };
  'secret.read-many': { request: SecretReadManyRequest; reply: SecretReadManyReply };
  'secret.describe': { request: SecretNamedRequest; reply: SecretDescription };
  'secret.list': { request: SecretListRequest; reply: SecretListReply };
}

const object = { kind: 'secret', group: 'group', name: 'name' } as const;
const plainNamed = { group: 'plain', name: 'plain' } as const;
const plainDates = { expiresAt: 'plain', rotateBy: 'plain' } as const;
const common = { actors: 'any', deadlineMs: 5_000, since: '0.1.0' } as const;

export const secretOperations = [
  operation({
    ...common,
    name: 'secret.write',
    summary: 'Writes a new version of a secret.',
    class: 'crypto',
    request: SecretWriteRequest,
    reply: SecretWriteReply,
    privilege: 'secret.write',
    object,
    mutates: true,
    guardable: false,
    audit: {
      request: { ...plainNamed, kind: 'plain', value: 'never', expectedVersion: 'plain', ...plainDates },
      reply: { ...plainNamed, kind: 'plain', version: 'plain' },
    },
    requestBytesMax: 1_408_000,
    rest: { method: 'PUT', path: '/v1/secrets/{group}/{name}' },
  }),
  operation({
    ...common,
    name: 'secret.read',
    summary: 'Reads the value of a secret version.',
    class: 'crypto',
    request: SecretReadRequest,
    reply: SecretReadReply,
    privilege: 'secret.read',
    object,
    mutates: false,
    guardable: false,
    audit: {
      request: { ...plainNamed, version: 'plain' },
      reply: { ...plainNamed, kind: 'plain', version: 'plain', value: 'never', ...plainDates },
    },
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/secrets/{group}/{name}/read' },
  }),
  operation({
    ...common,
    name: 'secret.read-many',
    summary: 'Reads all secrets of a pod in one request, each with its own outcome.',
    class: 'crypto',
    request: SecretReadManyRequest,
    reply: SecretReadManyReply,
    privilege: 'secret.read',
    object: { kind: 'secret' },
    mutates: false,
    guardable: false,
    audit: { request: { secrets: 'plain' }, reply: { secrets: 'never' } },
    requestBytesMax: 16_384,
    rest: { method: 'POST', path: '/v1/secrets/read-many' },
  }),
  operation({
    ...common,
    name: 'secret.describe',
    summary: 'Shows kind, versions, dates and settings of a secret; never its value, length or hash.',
    class: 'manage',
    request: SecretNamedRequest,
    reply: SecretDescription,
    privilege: 'secret.describe',
    object,
    mutates: false,
    guardable: false,
    audit: {
      request: plainNamed,
      reply: {
        ...plainNamed,
        kind: 'plain',
        currentVersion: 'plain',
        versions: 'never',
        labels: 'never',
        metadata: 'never',
        versionsMax: 'never',
        requiresExpectedVersion: 'never',
        versionLifeSeconds: 'never',
        policy: 'never',
        createdAt: 'never',
        updatedAt: 'never',
      },
    },
    requestBytesMax: 4_096,
    rest: { method: 'GET', path: '/v1/secrets/{group}/{name}' },
  }),
  operation({
    ...common,
    name: 'secret.list',
    summary: 'Lists the secrets of a group by name, a page at a time.',
    class: 'manage',
    request: SecretListRequest,
    reply: SecretListReply,
    privilege: 'secret.list',
    object: { kind: 'secret', group: 'group' },
    mutates: false,
    guardable: false,
    audit: {
      request: { group: 'plain', prefix: 'plain', limit: 'plain', after: 'never' },
      reply: { secrets: 'never', next: 'never' },
    },
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/secrets/{group}/list' },
  }),
] as const;
