/** Groups: containers of keys and secrets, each with a KEK of its own in the HSM. */
import { type Static, Type } from 'typebox';
import { Count, Cursor, closed, Name, PageLimit, Timestamp, Version } from '../fields.ts';
import { operation } from '../operation.ts';

/** How far the values of the group are encrypted anew under the newest KEK. Goes on where it stopped. */
export const GroupReencryption = closed({
  state: Type.Union([Type.Literal('running'), Type.Literal('finished')]),
  startedAt: Timestamp,
  finishedAt: Type.Optional(Timestamp),
  /** Versions encrypted anew since the KEK was rotated. */
  reencrypted: Count,
  /** Versions that were tampered with, and stay as they are; absent: none. */
  skipped: Type.Optional(Count),
  /** Versions that the group holds now. */
  total: Count,
});
export type GroupReencryption = Static<typeof GroupReencryption>;

export const GroupDescription = closed({
  group: Name,
  /** Version of the KEK that wraps what is written now. */
  kekVersion: Version,
  kekCreatedAt: Timestamp,
  /** KEKs from before the last rotations that are still on the token. */
  formerKeks: Count,
  reencryption: Type.Optional(GroupReencryption),
  policy: Type.Optional(Name),
  createdAt: Timestamp,
});
export type GroupDescription = Static<typeof GroupDescription>;

export const GroupCreateRequest = closed({
  group: Name,
  /** Policy of the governance root whose quorum guards the rotation of the KEK. */
  policy: Type.Optional(Name),
});
export type GroupCreateRequest = Static<typeof GroupCreateRequest>;
export const GroupNamedRequest = closed({ group: Name });
export type GroupNamedRequest = Static<typeof GroupNamedRequest>;
export const GroupListRequest = closed({ limit: PageLimit, after: Type.Optional(Cursor) });
export type GroupListRequest = Static<typeof GroupListRequest>;
export const GroupListReply = closed({
  groups: Type.Array(GroupDescription, { maxItems: 500 }),
  next: Type.Optional(Cursor),
});
export type GroupListReply = Static<typeof GroupListReply>;

export interface GroupOperations {
  'group.create': { request: GroupCreateRequest; reply: GroupDescription };
  'group.describe': { request: GroupNamedRequest; reply: GroupDescription };
  'group.list': { request: GroupListRequest; reply: GroupListReply };
  'group.rotate': { request: GroupNamedRequest; reply: GroupDescription };
  'group.destroy-former-keks': { request: GroupNamedRequest; reply: GroupDescription };
}

const object = { kind: 'group', name: 'group' } as const;
const common = {
  class: 'manage',
  actors: 'any',
  deadlineMs: 5_000,
  requestBytesMax: 4_096,
  since: '0.1.0',
} as const;
const replyAudit = {
  group: 'plain',
  kekVersion: 'plain',
  kekCreatedAt: 'never',
  formerKeks: 'plain',
  reencryption: 'never',
  policy: 'plain',
  createdAt: 'never',
} as const;

export const groupOperations = [
  operation({
    ...common,
    name: 'group.create',
    summary: 'Makes a group with a KEK of its own in the HSM.',
    request: GroupCreateRequest,
    reply: GroupDescription,
    privilege: 'group.create',
    object,
    mutates: true,
    guardable: false,
    audit: { request: { group: 'plain', policy: 'plain' }, reply: replyAudit },
    rest: { method: 'POST', path: '/v1/groups' },
  }),
  operation({
    ...common,
    name: 'group.describe',
    summary: 'Shows a group, its KEK and how far its values are encrypted anew.',
    request: GroupNamedRequest,
    reply: GroupDescription,
    privilege: 'group.describe',
    object,
    mutates: false,
    guardable: false,
    audit: { request: { group: 'plain' }, reply: replyAudit },
    rest: { method: 'GET', path: '/v1/groups/{group}' },
  }),
  operation({
    ...common,
    name: 'group.list',
    summary: 'Lists groups by name, a page at a time.',
    request: GroupListRequest,
    reply: GroupListReply,
    privilege: 'group.list',
    object: { kind: 'group' },
    mutates: false,
    guardable: false,
    audit: {
      request: { limit: 'plain', after: 'never' },
      reply: { groups: 'never', next: 'never' },
    },
    rest: { method: 'POST', path: '/v1/groups/list' },
  }),
  operation({
    ...common,
    name: 'group.rotate',
    summary: 'Gives the group a new KEK, and encrypts all values of its secrets anew in the background.',
    request: GroupNamedRequest,
    reply: GroupDescription,
    privilege: 'group.rotate',
    object,
    mutates: true,
    guardable: true,
    audit: { request: { group: 'plain' }, reply: replyAudit },
    rest: { method: 'POST', path: '/v1/groups/{group}/rotate' },
  }),
  operation({
    ...common,
    name: 'group.destroy-former-keks',
    summary: 'Destroys the KEKs from before the last rotation, once no value is under them any more.',
    request: GroupNamedRequest,
    reply: GroupDescription,
    privilege: 'group.destroy-former-keks',
    object,
    mutates: true,
    guardable: true,
    audit: { request: { group: 'plain' }, reply: replyAudit },
    deadlineMs: 30_000,
    rest: { method: 'POST', path: '/v1/groups/{group}/destroy-former-keks' },
  }),
] as const;
