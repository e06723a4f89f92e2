import { type Static, Type } from 'typebox';
import { Cursor, closed, Name, PageLimit, Timestamp, Version } from '../fields.ts';
import { operation } from '../operation.ts';

/** `kek`: wraps seeds and DEKs inside the HSM. `data`: encrypts data with data keys that a KEK wraps. */
export const KeyPurpose = Type.Union([Type.Literal('kek'), Type.Literal('data')]);
export type KeyPurpose = Static<typeof KeyPurpose>;

/** NIST SP 800-57 part 1, section 7. */
export const KeyState = Type.Union([
  Type.Literal('pre-active'),
  Type.Literal('active'),
  Type.Literal('suspended'),
  Type.Literal('deactivated'),
  Type.Literal('compromised'),
  Type.Literal('destroyed'),
]);
export type KeyState = Static<typeof KeyState>;

export const KeyVersion = closed({ version: Version, state: KeyState, createdAt: Timestamp });
export type KeyVersion = Static<typeof KeyVersion>;

export const KeyDescription = closed({
  group: Name,
  name: Name,
  id: Type.String({ maxLength: 36 }),
  purpose: KeyPurpose,
  algorithm: Type.Literal('aes-256'),
  /** Where the material is while it is used; DESIGN: `hsm` never leaves the device. */
  protection: Type.Literal('hsm'),
  state: KeyState,
  currentVersion: Version,
  versions: Type.Array(KeyVersion, { maxItems: 1_000 }),
  /** Policy whose quorum guards rotation and state changes; absent: no quorum. */
  policy: Type.Optional(Name),
  createdAt: Timestamp,
});
export type KeyDescription = Static<typeof KeyDescription>;

const named = { group: Name, name: Name };
export const KeyCreateRequest = closed({ ...named, purpose: KeyPurpose, policy: Type.Optional(Name) });
export type KeyCreateRequest = Static<typeof KeyCreateRequest>;
export const KeyNamedRequest = closed(named);
export type KeyNamedRequest = Static<typeof KeyNamedRequest>;
export const KeyListRequest = closed({ group: Name, limit: PageLimit, after: Type.Optional(Cursor) });
export type KeyListRequest = Static<typeof KeyListRequest>;
export const KeyListReply = closed({
  keys: Type.Array(KeyDescription, { maxItems: 500 }),
  next: Type.Optional(Cursor),
});
export type KeyListReply = Static<typeof KeyListReply>;

export interface KeyOperations {
  'key.create': { request: KeyCreateRequest; reply: KeyDescription };
  'key.describe': { request: KeyNamedRequest; reply: KeyDescription };
  'key.list': { request: KeyListRequest; reply: KeyListReply };
  'key.rotate': { request: KeyNamedRequest; reply: KeyDescription };
  'key.suspend': { request: KeyNamedRequest; reply: KeyDescription };
  'key.resume': { request: KeyNamedRequest; reply: KeyDescription };
}

const object = { kind: 'key', group: 'group', name: 'name' } as const;
const plainNamed = { group: 'plain', name: 'plain' } as const;
const plainDescription = {
  group: 'plain',
  name: 'plain',
  id: 'plain',
  purpose: 'plain',
  algorithm: 'plain',
  protection: 'plain',
  state: 'plain',
  currentVersion: 'plain',
  versions: 'never',
  policy: 'plain',
  createdAt: 'never',
} as const;

function transition<const Verb extends 'rotate' | 'suspend' | 'resume'>(verb: Verb, summary: string) {
  return operation({
    name: `key.${verb}`,
    summary,
    class: 'manage',
    request: KeyNamedRequest,
    reply: KeyDescription,
    privilege: `key.${verb}`,
    object,
    actors: 'any',
    mutates: true,
    guardable: true,
    audit: { request: plainNamed, reply: plainDescription },
    deadlineMs: 10_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: `/v1/keys/{group}/{name}/${verb}` },
    since: '0.1.0',
  });
}

export const keyOperations = [
  operation({
    name: 'key.create',
    summary: 'Generates a key with its first version in the HSM.',
    class: 'manage',
    request: KeyCreateRequest,
    reply: KeyDescription,
    privilege: 'key.create',
    object,
    actors: 'any',
    mutates: true,
    guardable: true,
    audit: { request: { ...plainNamed, purpose: 'plain', policy: 'plain' }, reply: plainDescription },
    deadlineMs: 10_000,
    requestBytesMax: 4_096,
    rest: { method: 'PUT', path: '/v1/keys/{group}/{name}' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.describe',
    summary: 'Shows a key: purpose, state, versions, policy. Never material.',
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
    summary: 'Lists the keys of a group by name, a page at a time.',
    class: 'manage',
    request: KeyListRequest,
    reply: KeyListReply,
    privilege: 'key.list',
    object: { kind: 'key', group: 'group' },
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: { group: 'plain', limit: 'plain', after: 'never' },
      reply: { keys: 'never', next: 'never' },
    },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/keys/{group}/list' },
    since: '0.1.0',
  }),
  transition('rotate', 'Makes a new version of a key; older versions still unwrap and decrypt.'),
  transition('suspend', 'Stops all use of a key until it is resumed.'),
  transition('resume', 'Ends the suspension of a key.'),
] as const;
