import { type Static, Type } from 'typebox';
import {
  Bytes32,
  Cursor,
  closed,
  Name,
  PageLimit,
  PrincipalId,
  Privilege,
  Text,
  Timestamp,
} from '../fields.ts';
import { operation } from '../operation.ts';

export const PrincipalState = Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]);
export type PrincipalState = Static<typeof PrincipalState>;

/** How the principal will prove itself: an Ed25519 key of its own, or an API key that the worker makes. */
export const Credential = Type.Union([
  closed({ kind: Type.Literal('key'), publicKey: Bytes32 }),
  closed({ kind: Type.Literal('api-key'), expiresAt: Timestamp }),
]);
export type Credential = Static<typeof Credential>;

export const PrincipalDescription = closed({
  principal: PrincipalId,
  state: PrincipalState,
  credential: Type.Union([Type.Literal('key'), Type.Literal('api-key')]),
  createdAt: Timestamp,
});
export type PrincipalDescription = Static<typeof PrincipalDescription>;

export const PrincipalEnrolRequest = closed({ principal: PrincipalId, credential: Credential });
export type PrincipalEnrolRequest = Static<typeof PrincipalEnrolRequest>;
export const PrincipalEnrolReply = closed({
  principal: PrincipalId,
  /** Shown once: `sr_<id>_<secret>`. Absent for `key`. */
  apiKey: Type.Optional(Text(120)),
});
export type PrincipalEnrolReply = Static<typeof PrincipalEnrolReply>;
export const PrincipalNamedRequest = closed({ principal: PrincipalId });
export type PrincipalNamedRequest = Static<typeof PrincipalNamedRequest>;
export const PrincipalListRequest = closed({ limit: PageLimit, after: Type.Optional(Cursor) });
export type PrincipalListRequest = Static<typeof PrincipalListRequest>;
export const PrincipalListReply = closed({
  principals: Type.Array(PrincipalDescription, { maxItems: 500 }),
  next: Type.Optional(Cursor),
});
export type PrincipalListReply = Static<typeof PrincipalListReply>;

export const RoleDescription = closed({
  name: Name,
  summary: Text(300),
  privileges: Type.Array(Privilege, { maxItems: 200 }),
});
export type RoleDescription = Static<typeof RoleDescription>;
export const RoleListRequest = closed({});
export type RoleListRequest = Static<typeof RoleListRequest>;
export const RoleListReply = closed({ roles: Type.Array(RoleDescription, { maxItems: 500 }) });
export type RoleListReply = Static<typeof RoleListReply>;
export const RoleCreateRequest = closed({
  name: Name,
  summary: Text(300),
  privileges: Type.Array(Privilege, { minItems: 1, maxItems: 200 }),
});
export type RoleCreateRequest = Static<typeof RoleCreateRequest>;

/** Where a binding holds: one group, or every group of the tenant. */
export const BindingScope = Type.Union([
  closed({ kind: Type.Literal('tenant') }),
  closed({ kind: Type.Literal('group'), group: Name }),
]);
export type BindingScope = Static<typeof BindingScope>;
export const BindingEffect = Type.Union([Type.Literal('allow'), Type.Literal('deny')]);
export type BindingEffect = Static<typeof BindingEffect>;

export const BindingDescription = closed({
  name: Name,
  principal: PrincipalId,
  role: Name,
  scope: BindingScope,
  effect: BindingEffect,
});
export type BindingDescription = Static<typeof BindingDescription>;
export const BindingCreateRequest = BindingDescription;
export type BindingCreateRequest = Static<typeof BindingCreateRequest>;
export const BindingNamedRequest = closed({ name: Name });
export type BindingNamedRequest = Static<typeof BindingNamedRequest>;
export const BindingListRequest = closed({
  principal: Type.Optional(PrincipalId),
  limit: PageLimit,
  after: Type.Optional(Cursor),
});
export type BindingListRequest = Static<typeof BindingListRequest>;
export const BindingListReply = closed({
  bindings: Type.Array(BindingDescription, { maxItems: 500 }),
  next: Type.Optional(Cursor),
});
export type BindingListReply = Static<typeof BindingListReply>;

export interface PrincipalOperations {
  'principal.enrol': { request: PrincipalEnrolRequest; reply: PrincipalEnrolReply };
  'principal.describe': { request: PrincipalNamedRequest; reply: PrincipalDescription };
  'principal.list': { request: PrincipalListRequest; reply: PrincipalListReply };
  'principal.disable': { request: PrincipalNamedRequest; reply: PrincipalDescription };
  'role.list': { request: RoleListRequest; reply: RoleListReply };
  'role.create': { request: RoleCreateRequest; reply: RoleDescription };
  'binding.create': { request: BindingCreateRequest; reply: BindingDescription };
  'binding.delete': { request: BindingNamedRequest; reply: BindingDescription };
  'binding.list': { request: BindingListRequest; reply: BindingListReply };
}

const manage = {
  class: 'manage',
  actors: 'any',
  deadlineMs: 5_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;
const principal = { kind: 'principal', name: 'principal' } as const;
const binding = { kind: 'binding', name: 'name' } as const;
const plainPrincipal = {
  principal: 'plain',
  state: 'plain',
  credential: 'plain',
  createdAt: 'never',
} as const;
const plainBinding = {
  name: 'plain',
  principal: 'plain',
  role: 'plain',
  scope: 'plain',
  effect: 'plain',
} as const;
const plainPage = { limit: 'plain', after: 'never' } as const;
const plainRole = { name: 'plain', summary: 'never', privileges: 'plain' } as const;

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
      request: { principal: 'plain', credential: 'commit' },
      reply: { principal: 'plain', apiKey: 'never' },
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
    name: 'role.list',
    summary: 'Lists built-in and own roles with their privileges.',
    request: RoleListRequest,
    reply: RoleListReply,
    privilege: 'role.list',
    object: { kind: 'role' },
    mutates: false,
    guardable: false,
    audit: { request: {}, reply: { roles: 'never' } },
    rest: { method: 'GET', path: '/v1/roles' },
  }),
  operation({
    ...manage,
    name: 'role.create',
    summary: 'Makes a role from privileges that the caller holds.',
    request: RoleCreateRequest,
    reply: RoleDescription,
    privilege: 'role.create',
    object: { kind: 'role', name: 'name' },
    mutates: true,
    guardable: true,
    audit: { request: plainRole, reply: plainRole },
    rest: { method: 'PUT', path: '/v1/roles/{name}' },
  }),
  operation({
    ...manage,
    name: 'binding.create',
    summary: 'Binds a principal to a role in a scope; nobody grants more than they hold.',
    request: BindingCreateRequest,
    reply: BindingDescription,
    privilege: 'binding.create',
    object: binding,
    mutates: true,
    guardable: true,
    audit: { request: plainBinding, reply: plainBinding },
    rest: { method: 'PUT', path: '/v1/bindings/{name}' },
  }),
  operation({
    ...manage,
    name: 'binding.delete',
    summary: 'Takes a binding away; takes effect at the next message of the principal.',
    request: BindingNamedRequest,
    reply: BindingDescription,
    privilege: 'binding.delete',
    object: binding,
    mutates: true,
    guardable: true,
    audit: { request: { name: 'plain' }, reply: plainBinding },
    rest: { method: 'DELETE', path: '/v1/bindings/{name}' },
  }),
  operation({
    ...manage,
    name: 'binding.list',
    summary: 'Lists bindings, of one principal or of all.',
    request: BindingListRequest,
    reply: BindingListReply,
    privilege: 'binding.list',
    object: { kind: 'binding' },
    mutates: false,
    guardable: false,
    audit: { request: { principal: 'plain', ...plainPage }, reply: { bindings: 'never', next: 'never' } },
    rest: { method: 'POST', path: '/v1/bindings/list' },
  }),
] as const;
