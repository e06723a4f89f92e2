/**
 * Lets the HSM remember how far the registry has come. Run by the witness worker alone, once a second at most: a write
 * to a token costs milliseconds of every other operation.
 */
import type { Anchor } from '../../ports/anchor.ts';
import type { Registry } from '../../ports/registry.ts';

export interface AnchorRegistryPorts {
  readonly registry: Pick<Registry, 'head'>;
  readonly anchor: Pick<Anchor, 'advance'>;
}

/** Only heads that this worker has verified are anchored. A registry without a commit has nothing to remember. */
export function makeAnchorRegistry({ registry, anchor }: AnchorRegistryPorts): () => Promise<void> {
  let anchored = 0;
  return async () => {
    const { sequence, hash } = registry.head();
    if (sequence === anchored) return;
    await anchor.advance({ registry: { sequence, hash } });
    anchored = sequence;
  };
}
