/**
 * What the caller of a batch keeps of it: request and reply, and where the log recorded it. Only with it can any item be proven
 * later, and it holds what was encrypted, opened or signed: it is written for its owner alone.
 */
import { type BatchReply, batchItemsMax, type ItemProof, makeChecker } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { proveItem } from '@strongroom/sealed';
import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const items = Type.Array(Type.Object({}), { minItems: 1, maxItems: batchItemsMax });

const BatchRecord = Type.Object(
  {
    type: Type.Literal('strongroom.batch/1'),
    operation: Type.String({ maxLength: 64 }),
    /** Index of the batch's entry in the log. */
    entry: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    seed: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    requests: items,
    results: items,
  },
  closed,
);
const record = makeChecker(BatchRecord);

export interface BatchCall {
  readonly operation: string;
  readonly entry: number;
  readonly requests: readonly object[];
  readonly reply: Pick<BatchReply<object>, 'results' | 'seed'>;
}

export function batchRecordText({ operation, entry, requests, reply: { results, seed } }: BatchCall): string {
  return `${JSON.stringify({ type: 'strongroom.batch/1', operation, entry, seed, requests, results })}\n`;
}

/** `number` counts from 1, as people do. Throws `request-invalid` for what is no record, or has no such item. */
export function proveItemOf(text: string, number: number): ItemProof {
  const value = parseJson(text);
  if (!record.check(value)) throw refused('the file is none that crypto batch wrote');
  const { operation, entry, seed, requests, results } = value;
  if (requests.length !== results.length) throw refused('the file has not one result for each item');
  if (number < 1 || number > requests.length) throw refused(`--item: the batch has ${requests.length} items`);
  return proveItem({ operation, entry, seed, requests, results }, number - 1);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (detail: string) => new StrongroomError('request-invalid', { detail });
