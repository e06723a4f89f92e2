import { type Static, Type } from 'typebox';
import { Cursor, closed, Name, PageLimit, PrincipalId } from '../fields.ts';
import { operation } from '../operation.ts';

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

export interface BindingOperations {
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
const binding = { kind: 'binding', name: 'name' } as const;
const plainBinding = {
  name: 'plain',
  principal: 'plain',
  role: 'plain',
  scope: 'plain',
  effect: 'plain',
} as const;
const plainPage = { limit: 'plain', after: 'never' } as const;

export const bindingOperations = [
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
