/** What becomes of a secret and its versions after they are written: settings, deletion, destruction. */
import { type Static, Type } from 'typebox';
import { closed, Name, Version } from '../fields.ts';
import { Labels } from '../key-usage.ts';
import { operation } from '../operation.ts';
import { SecretDescription } from './secret.ts';
import {
  dates,
  named,
  SecretKind,
  SecretMetadata,
  SecretVersions,
  VersionLife,
  VersionsKept,
} from './secret-fields.ts';

/** Labels and metadata replace all that were there. What is not sent stays as it is; `clear` takes a field away. */
export const SecretUpdateRequest = closed({
  ...named,
  /** Makes a secret without a version where there is none; of one that is there it must be the kind. */
  kind: Type.Optional(SecretKind),
  labels: Type.Optional(Labels),
  metadata: Type.Optional(SecretMetadata),
  versionsMax: Type.Optional(VersionsKept),
  requiresExpectedVersion: Type.Optional(Type.Boolean()),
  versionLifeSeconds: Type.Optional(VersionLife),
  policy: Type.Optional(Name),
  /** Whose dates are meant; absent: the current version's. */
  version: Type.Optional(Version),
  ...dates,
  clear: Type.Optional(
    Type.Array(
      Type.Union([
        Type.Literal('versionLifeSeconds'),
        Type.Literal('policy'),
        Type.Literal('expiresAt'),
        Type.Literal('rotateBy'),
      ]),
      { minItems: 1, maxItems: 4, uniqueItems: true },
    ),
  ),
});
export type SecretUpdateRequest = Static<typeof SecretUpdateRequest>;

/** Absent: every version that it can be done to. */
export const SecretDeleteRequest = closed({ ...named, versions: Type.Optional(SecretVersions) });
export type SecretDeleteRequest = Static<typeof SecretDeleteRequest>;
export const SecretDestroyRequest = closed({ ...named, versions: SecretVersions });
export type SecretDestroyRequest = Static<typeof SecretDestroyRequest>;

export interface SecretLifecycleOperations {
  'secret.update': { request: SecretUpdateRequest; reply: SecretDescription };
  'secret.delete': { request: SecretDeleteRequest; reply: SecretDescription };
  'secret.undelete': { request: SecretDeleteRequest; reply: SecretDescription };
  'secret.destroy': { request: SecretDestroyRequest; reply: SecretDescription };
}

const plainNamed = { group: 'plain', name: 'plain' } as const;
const common = {
  class: 'manage',
  object: { kind: 'secret', group: 'group', name: 'name' },
  actors: 'any',
  mutates: true,
  deadlineMs: 5_000,
  since: '0.1.0',
  reply: SecretDescription,
} as const;
const replyAudit = {
  ...plainNamed,
  kind: 'plain',
  currentVersion: 'plain',
  versions: 'never',
  labels: 'plain',
  metadata: 'commit',
  versionsMax: 'plain',
  requiresExpectedVersion: 'plain',
  versionLifeSeconds: 'plain',
  policy: 'plain',
  createdAt: 'never',
  updatedAt: 'never',
} as const;
const versionsAudit = { request: { ...plainNamed, versions: 'plain' }, reply: replyAudit } as const;

export const secretLifecycleOperations = [
  operation({
    ...common,
    name: 'secret.update',
    object: { ...common.object, nextPolicy: 'policy' },
    summary:
      'Changes labels, metadata, retention, dates and policy of a secret, or makes one without a version.',
    request: SecretUpdateRequest,
    privilege: 'secret.update',
    guardable: true,
    audit: {
      request: {
        ...plainNamed,
        kind: 'plain',
        labels: 'plain',
        metadata: 'commit',
        versionsMax: 'plain',
        requiresExpectedVersion: 'plain',
        versionLifeSeconds: 'plain',
        policy: 'plain',
        version: 'plain',
        expiresAt: 'plain',
        rotateBy: 'plain',
        clear: 'plain',
      },
      reply: replyAudit,
    },
    requestBytesMax: 65_536,
    rest: { method: 'POST', path: '/v1/secrets/{group}/{name}/update' },
  }),
  operation({
    ...common,
    name: 'secret.delete',
    summary: 'Deletes versions of a secret so that they can be had back for 30 days.',
    request: SecretDeleteRequest,
    privilege: 'secret.delete',
    guardable: false,
    audit: versionsAudit,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/secrets/{group}/{name}/delete' },
  }),
  operation({
    ...common,
    name: 'secret.undelete',
    summary: 'Takes the deletion of versions back.',
    request: SecretDeleteRequest,
    privilege: 'secret.undelete',
    guardable: false,
    audit: versionsAudit,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/secrets/{group}/{name}/undelete' },
  }),
  operation({
    ...common,
    name: 'secret.destroy',
    summary: 'Destroys the values of versions for good.',
    request: SecretDestroyRequest,
    privilege: 'secret.destroy',
    guardable: true,
    audit: versionsAudit,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/secrets/{group}/{name}/destroy' },
  }),
] as const;
