import { type Static, Type } from 'typebox';
import { closed, Name, Privilege, Standing, Text } from '../fields.ts';
import { operation } from '../operation.ts';

export const RoleDescription = closed({
  name: Name,
  summary: Text(300),
  privileges: Type.Array(Privilege, { maxItems: 200 }),
  state: Standing,
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
export const RoleNamedRequest = closed({ name: Name });
export type RoleNamedRequest = Static<typeof RoleNamedRequest>;

export interface RoleOperations {
  'role.list': { request: RoleListRequest; reply: RoleListReply };
  'role.create': { request: RoleCreateRequest; reply: RoleDescription };
  'role.disable': { request: RoleNamedRequest; reply: RoleDescription };
}

const manage = {
  class: 'manage',
  actors: 'any',
  deadlineMs: 5_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;
const plainDescription = { name: 'plain', summary: 'never', privileges: 'plain', state: 'plain' } as const;
const plainRole = { name: 'plain', summary: 'never', privileges: 'plain' } as const;

export const roleOperations = [
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
    audit: { request: plainRole, reply: plainDescription },
    rest: { method: 'PUT', path: '/v1/roles/{name}' },
  }),
  operation({
    ...manage,
    name: 'role.disable',
    summary: 'Disables an own role: it allows nothing any more, and still denies what it denied.',
    request: RoleNamedRequest,
    reply: RoleDescription,
    privilege: 'role.disable',
    object: { kind: 'role', name: 'name' },
    mutates: true,
    guardable: true,
    audit: { request: { name: 'plain' }, reply: plainDescription },
    rest: { method: 'POST', path: '/v1/roles/{name}/disable' },
  }),
] as const;
