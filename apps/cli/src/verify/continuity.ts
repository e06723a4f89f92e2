/**
 * Whether one signed tree extends another. What settles it is the inclusion proof of the last entry of the older tree in the
 * newer one: the proof leads to the signed root of the newer tree, so its hashes are those of that tree, and those on the left
 * are the older tree as the newer one remembers it. That is the root that was signed then, or the log was forked.
 */
import { type Checkpoint, emptyRoot, prefixRootFromInclusion, rootFromInclusion } from '@strongroom/merkle';

export interface Inclusion {
  readonly leafHash: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** Proves a leaf to a tree, as far as it can; nothing that it gives is believed. */
export type ProveLeaf = (index: number, tree: Checkpoint) => Promise<Inclusion | undefined>;

interface ShownTree {
  readonly size: number;
  /** Base64, as checkpoints have it. */
  readonly root: string;
}

export interface Continuity {
  /** `fork`: somebody was shown another log. `unproven`: what is at hand tells neither. `refused`: not two trees of one log. */
  readonly verdict: 'consistent' | 'fork' | 'unproven' | 'refused';
  readonly origin?: string;
  readonly older?: ShownTree;
  readonly newer?: ShownTree;
  readonly reasons: readonly string[];
}

/** In either order. */
export async function compareTrees(
  first: Checkpoint,
  second: Checkpoint,
  prove: ProveLeaf,
): Promise<Continuity> {
  const [older, newer] = first.size <= second.size ? [first, second] : [second, first];
  const found = (verdict: Continuity['verdict'], ...reasons: readonly string[]): Continuity => ({
    verdict,
    origin: newer.origin,
    older: shown(older),
    newer: shown(newer),
    reasons,
  });
  const settled = (prefixRoot: Uint8Array) =>
    Buffer.compare(prefixRoot, older.root) === 0
      ? found('consistent')
      : found('fork', `of ${older.size} entries two trees were signed`);
  if (older.origin !== newer.origin) return found('refused', `they are of two logs, ${older.origin} too`);
  if (older.size === newer.size) return settled(newer.root);
  if (older.size === 0) return settled(emptyRoot);
  const index = older.size - 1;
  const inclusion = await prove(index, newer);
  if (inclusion === undefined)
    return found('unproven', `nothing at hand proves entry ${index} to the newer tree`);
  const { leafHash, path } = inclusion;
  const root = rootFromInclusion(leafHash, index, newer.size, path);
  if (root === undefined || Buffer.compare(root, newer.root) !== 0)
    return found('unproven', `the proof of entry ${index} does not lead to the root of the newer tree`);
  return settled(prefixRootFromInclusion(leafHash, index, newer.size, path));
}

const shown = ({ size, root }: Checkpoint): ShownTree => ({
  size,
  root: Buffer.from(root).toString('base64'),
});
