/**
 * The proof of one item of a batch: what was asked, what came of it, and the way from there to the root that the batch's entry
 * in the log names. It shows nothing of the other items. Made by the caller from its own request and the reply.
 */
import { type Static, type TSchema, Type } from 'typebox';
import { Bytes, Bytes32, Count, closed, closedRecord, fieldNamePattern, Text, Version } from '../fields.ts';

export const batchItemsMax = 512;

const pathHashesMax = Math.ceil(Math.log2(batchItemsMax));

/** A request or reply object of one item; it is hashed as it is, whatever it says. */
const ItemFields = closedRecord(fieldNamePattern, Type.Unknown(), 32) as TSchema;

/**
 * Leaf data is the text of `salt` and then the canonical text of { request, result }. Leaf, path and root are those of RFC
 * 6962 section 2.1.
 */
export const ItemProof = closed({
  v: Type.Literal(1),
  /** Index of the batch's entry in the log. */
  entry: Count,
  operation: Text(64),
  /** Place of the item in the batch, from 0. */
  index: Count,
  /** Items of the batch. */
  count: Version,
  salt: Bytes(18, 18),
  path: Type.Array(Bytes32, { maxItems: pathHashesMax }),
  request: ItemFields,
  result: ItemFields,
});
type Fields = Readonly<Record<string, unknown>>;
export type ItemProof = Omit<Static<typeof ItemProof>, 'request' | 'result'> & {
  readonly request: Fields;
  readonly result: Fields;
};
