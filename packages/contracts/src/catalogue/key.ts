import { type Static, Type } from 'typebox';
import { Cursor, closed, Name, PageLimit, Version } from '../fields.ts';
import { KeyPurpose, KeyState, KeyType, ProtectionLevel } from '../key-type.ts';
import { KeyUsage, Labels, LabelValue } from '../key-usage.ts';
import { operation } from '../operation.ts';
import { KeyDescription, KeyVersion, RotationDays } from './key-description.ts';

const named = { group: Name, name: Name };

/** What a key is; decided when it is made. */
const nature = {
  purpose: KeyPurpose,
  /** Absent: `aes-256`. */
  type: Type.Optional(KeyType),
  /** Absent: `hsm`. */
  protection: Type.Optional(ProtectionLevel),
};
/** What its owner may change later. */
export const keySettings = {
  labels: Type.Optional(Labels),
  usage: Type.Optional(KeyUsage),
  rotationDays: Type.Optional(RotationDays),
};

export const KeyCreateRequest = closed({
  ...named,
  ...nature,
  ...keySettings,
  policy: Type.Optional(Name),
  /** The key is not active before `key.activate`. Absent: active at once. */
  preActive: Type.Optional(Type.Literal(true)),
});
export type KeyCreateRequest = Static<typeof KeyCreateRequest>;
export const KeyCreateExportableRequest = closed({ ...named, ...nature, ...keySettings, policy: Name });
export type KeyCreateExportableRequest = Static<typeof KeyCreateExportableRequest>;
export const KeyNamedRequest = closed(named);
export type KeyNamedRequest = Static<typeof KeyNamedRequest>;
export const KeyListRequest = closed({
  group: Name,
  limit: PageLimit,
  after: Type.Optional(Cursor),
  purpose: Type.Optional(KeyPurpose),
  type: Type.Optional(KeyType),
  state: Type.Optional(KeyState),
  /** Keys with this label; with a text, only those where it has the text. */
  label: Type.Optional(closed({ name: Name, text: Type.Optional(LabelValue) })),
});
export type KeyListRequest = Static<typeof KeyListRequest>;
/** With a filter a page may be short, and even empty, while there is a `next`. */
export const KeyListReply = closed({
  keys: Type.Array(KeyDescription, { maxItems: 500 }),
  next: Type.Optional(Cursor),
});
export type KeyListReply = Static<typeof KeyListReply>;
export const KeyListVersionsRequest = closed({
  ...named,
  limit: PageLimit,
  /** Only versions above this one. */
  above: Type.Optional(Version),
});
export type KeyListVersionsRequest = Static<typeof KeyListVersionsRequest>;
export const KeyListVersionsReply = closed({
  versions: Type.Array(KeyVersion, { maxItems: 500 }),
  /** `above` of the next page. */
  next: Type.Optional(Version),
});
export type KeyListVersionsReply = Static<typeof KeyListVersionsReply>;

export interface KeyOperations {
  'key.create': { request: KeyCreateRequest; reply: KeyDescription };
  'key.create-exportable': { request: KeyCreateExportableRequest; reply: KeyDescription };
  'key.describe': { request: KeyNamedRequest; reply: KeyDescription };
  'key.list': { request: KeyListRequest; reply: KeyListReply };
  'key.list-versions': { request: KeyListVersionsRequest; reply: KeyListVersionsReply };
}

const object = { kind: 'key', group: 'group', name: 'name' } as const;
const plainNamed = { group: 'plain', name: 'plain' } as const;
const plainCreation = {
  ...plainNamed,
  purpose: 'plain',
  type: 'plain',
  protection: 'plain',
  labels: 'plain',
  usage: 'plain',
  rotationDays: 'plain',
  policy: 'plain',
} as const;

/** Audit classes of a description: labels, usage and dates are in the request of the change that set them. */
export const plainDescription = {
  group: 'plain',
  name: 'plain',
  id: 'plain',
  purpose: 'plain',
  type: 'plain',
  protection: 'plain',
  exportable: 'plain',
  state: 'plain',
  currentVersion: 'plain',
  minimumVersion: 'plain',
  labels: 'never',
  usage: 'never',
  policy: 'plain',
  providers: 'never',
  rotationDays: 'plain',
  rotateAt: 'plain',
  protected: 'plain',
  destroyAt: 'plain',
  createdAt: 'never',
} as const;

export const keyOperations = [
  operation({
    name: 'key.create',
    summary: 'Generates a key with its first version in the HSM; it never leaves.',
    class: 'manage',
    request: KeyCreateRequest,
    reply: KeyDescription,
    privilege: 'key.create',
    object: { ...object, isMade: true },
    actors: 'any',
    mutates: true,
    guardable: true,
    audit: { request: { ...plainCreation, preActive: 'plain' }, reply: plainDescription },
    deadlineMs: 30_000,
    requestBytesMax: 16_384,
    rest: { method: 'PUT', path: '/v1/keys/{group}/{name}' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.create-exportable',
    summary:
      'Generates a key whose versions may leave wrapped; the quorum of its policy has to agree already to that.',
    class: 'manage',
    request: KeyCreateExportableRequest,
    reply: KeyDescription,
    privilege: 'key.create-exportable',
    object: { ...object, isMade: true, policy: 'policy' },
    actors: 'any',
    mutates: true,
    guardable: true,
    audit: { request: plainCreation, reply: plainDescription },
    deadlineMs: 30_000,
    requestBytesMax: 16_384,
    rest: { method: 'PUT', path: '/v1/keys/{group}/{name}/exportable' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.describe',
    summary: 'Shows a key: type, purpose, state, policy, usage. Never material.',
    class: 'manage',
    request: KeyNamedRequest,
    reply: KeyDescription,
    privilege: 'key.describe',
    object,
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: { request: plainNamed, reply: plainDescription },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'GET', path: '/v1/keys/{group}/{name}' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.list',
    summary:
      'Lists the keys of a group by name, a page at a time, by purpose, type, state or label if wanted.',
    class: 'manage',
    request: KeyListRequest,
    reply: KeyListReply,
    privilege: 'key.list',
    object: { kind: 'key', group: 'group' },
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: {
        group: 'plain',
        limit: 'plain',
        after: 'never',
        purpose: 'plain',
        type: 'plain',
        state: 'plain',
        label: 'plain',
      },
      reply: { keys: 'never', next: 'never' },
    },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/keys/{group}/list' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.list-versions',
    summary: 'Lists the versions of a key with their states, origins and check values.',
    class: 'manage',
    request: KeyListVersionsRequest,
    reply: KeyListVersionsReply,
    privilege: 'key.describe',
    object,
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: { ...plainNamed, limit: 'plain', above: 'plain' },
      reply: { versions: 'never', next: 'never' },
    },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/versions' },
    since: '0.1.0',
  }),
] as const;
