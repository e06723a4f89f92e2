/**
 * The batch form of an operation of this area: up to 512 items in one message, authorised once for each key, answered item by
 * item, and recorded in one entry that commits to every one of them. It is derived from the row of one item, so the two can not
 * drift apart.
 */
import { type Static, type TObject, Type } from 'typebox';
import { Bytes32, closed, Text, Version } from '../fields.ts';
import { ProtectionLevel } from '../key-type.ts';
import { type OperationDescriptor, operation } from '../operation.ts';
import { batchItemsMax } from '../wire/item-proof.ts';

/** What one item was refused for. */
export const ItemRefusal = closed({
  status: Type.Literal('refused'),
  code: Text(64),
  detail: Type.Optional(Text(500)),
});
export type ItemRefusal = Static<typeof ItemRefusal>;

/** How many items ended so: `done`, or the code of a refusal. */
export const OutcomeCount = closed({ outcome: Text(64), count: Version });
export type OutcomeCount = Static<typeof OutcomeCount>;

/** More than there are codes that one item can be refused with. */
const outcomesMax = 32;

export interface BatchRequest<Request> {
  readonly items: readonly Request[];
}

export type ItemResult<Reply> = (Reply & { readonly status: 'done' }) | ItemRefusal;

export interface BatchReply<Reply> {
  /** One for each item, in order. */
  readonly results: readonly ItemResult<Reply>[];
  readonly count: number;
  readonly outcomes: readonly OutcomeCount[];
  /** Every protection level of a key that was used. */
  readonly protections: readonly ProtectionLevel[];
  /** Root of the tree of items (`ItemProof`). */
  readonly root: string;
  /** The salts of the tree derive from it; with it, request and reply prove any item against the entry. */
  readonly seed: string;
}

/** The batch forms of a table of operations. */
export type Batches<Operations> = {
  readonly [Name in keyof Operations as `${Name & string}-many`]: Operations[Name] extends {
    readonly request: infer Request;
    readonly reply: infer Reply;
  }
    ? { readonly request: BatchRequest<Request>; readonly reply: BatchReply<Reply> }
    : never;
};

/**
 * Leaves room in a frame of 1 MiB for a reply that is longer than its request by what a ciphertext holds beside the plaintext:
 * at most 200 octets an item.
 */
const batchBytesMax = 917_504;

export function batchOf<Name extends string, Request extends TObject, Reply extends TObject>(
  row: OperationDescriptor<Name, Request, Reply>,
) {
  const done = closed({ status: Type.Literal('done'), ...row.reply.properties });
  const request = closed({ items: Type.Array(row.request, { minItems: 1, maxItems: batchItemsMax }) });
  const reply = closed({
    results: Type.Array(Type.Union([done, ItemRefusal]), { maxItems: batchItemsMax }),
    count: Version,
    outcomes: Type.Array(OutcomeCount, { maxItems: outcomesMax }),
    protections: Type.Array(ProtectionLevel, { maxItems: 2 }),
    root: Bytes32,
    seed: Bytes32,
  });
  const { kind } = row.object;
  return operation({
    name: `${row.name}-many`,
    summary: `${row.summary} Up to ${batchItemsMax} items, each with its own outcome.`,
    class: 'crypto',
    request: request as TObject,
    reply: reply as TObject,
    privilege: row.privilege,
    object: { kind },
    actors: row.actors,
    mutates: false,
    guardable: false,
    audit: {
      request: { items: 'never' },
      reply: {
        results: 'never',
        count: 'plain',
        outcomes: 'plain',
        protections: 'plain',
        root: 'plain',
        seed: 'never',
      },
    },
    deadlineMs: 10_000,
    requestBytesMax: batchBytesMax,
    rest: { method: 'POST', path: `/v1/crypto/${row.name.replace('crypto.', '')}-many` },
    since: row.since,
  });
}
