/** The proof of one item of a batch against the batch's entry, from a bundle: which is verified whole before its entry counts. */
import type { Entry, ItemProof } from '@strongroom/contracts';
import { verifyItem } from '@strongroom/sealed';
import type { TrustedIdentity } from './open-manifest.ts';
import { type VerifyResult, verifyBundle } from './verify-bundle.ts';

export type ItemVerdict =
  | { readonly verdict: 'proven'; readonly entry: Entry }
  /** `unproven`: the entry is not at hand. `refused`: something is not genuine. */
  | { readonly verdict: 'unproven' | 'refused'; readonly reason: string };

export function judgeItem(proof: ItemProof, entry: Entry | undefined): ItemVerdict {
  if (entry === undefined) return { verdict: 'unproven', reason: `entry ${proof.entry} is not there` };
  if (verifyItem(proof, entry.body)) return { verdict: 'proven', entry };
  return { verdict: 'refused', reason: `entry ${proof.entry} does not commit to this item` };
}

/** What else is missing from the bundle is of no weight: the entry is there, in the signed tree, and a worker signed it. */
export async function verifyItemInBundle(
  proof: ItemProof,
  lines: AsyncIterable<string>,
  trusted: TrustedIdentity,
): Promise<ItemVerdict> {
  let found: Entry | undefined;
  const result: VerifyResult = await verifyBundle(lines, trusted, (index, entry) => {
    if (index === proof.entry) found = entry;
  });
  if (result.verdict === 'refused')
    return { verdict: 'refused', reason: `the bundle: ${result.reasons.join('; ')}` };
  return judgeItem(proof, found);
}
