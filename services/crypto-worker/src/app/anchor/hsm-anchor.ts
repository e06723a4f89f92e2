/**
 * The anchor as data objects of the token. There are two, written in turn, and the newer readable one counts: a token
 * may replace an object in several steps, and a worker killed between them must not leave the only copy torn. An anchor
 * that is there and can not be read is never taken for a first start.
 */
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  decodeBytes,
  encodeBytes,
  equalBytes,
  parseCanonical,
} from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import type { Anchor, AnchorState } from '../../ports/anchor.ts';
import type { Hsm } from '../../ports/hsm.ts';

export const anchorLabels = ['strongroom/anchor/0', 'strongroom/anchor/1'] as const;

/** Canonical bytes of this are the value of a data object. */
interface StoredAnchor {
  readonly v: 1;
  /** Counts the writes; its last bit is the object. */
  readonly generation: number;
  readonly registry?: { readonly sequence: number; readonly hash: string };
  readonly checkpoint?: { readonly size: number; readonly root: string };
  readonly receiptKey?: { readonly epoch: number; readonly publicKey: string };
}

interface Generation extends AnchorState {
  readonly generation: number;
}

const never: Generation = {
  generation: 0,
  registry: undefined,
  checkpoint: undefined,
  receiptKey: undefined,
};

export function makeHsmAnchor({ hsm }: { readonly hsm: Pick<Hsm, 'readData' | 'writeData'> }): Anchor {
  let lastAdvance: Promise<void> = Promise.resolve();

  const readNewest = async (): Promise<Generation> => {
    const [even, odd] = await Promise.all(anchorLabels.map((label) => hsm.readData(label)));
    const readable = [even, odd]
      .map((bytes) => bytes && decode(bytes))
      .filter((state) => state !== undefined);
    // Only the very first write can have torn while the other object was not there yet: nothing was anchored so far.
    if (readable.length === 0 && even !== undefined)
      throw new StrongroomError('registry-rolled-back', { detail: 'the anchor in the HSM can not be read' });
    return readable.reduce((newest, state) => (state.generation > newest.generation ? state : newest), never);
  };

  const advanceNow = async (next: Partial<AnchorState>): Promise<void> => {
    // Read again each time: what another process wrote, against the rules, still counts.
    const now = await readNewest();
    const state = {
      registry: next.registry ?? now.registry,
      checkpoint: next.checkpoint ?? now.checkpoint,
      receiptKey: next.receiptKey ?? now.receiptKey,
    };
    refuseBackwards(now, state);
    if (isSame(now, state)) return;
    const generation = now.generation + 1;
    await hsm.writeData(anchorLabels[generation % 2 === 0 ? 0 : 1], encode({ ...state, generation }));
  };

  return {
    read: async () => {
      const { registry, checkpoint, receiptKey } = await readNewest();
      return { registry, checkpoint, receiptKey };
    },
    // One after the other: two that overlap would both decide on the older state.
    advance: (next) => {
      const advance = lastAdvance.then(() => advanceNow(next));
      lastAdvance = advance.catch(() => undefined);
      return advance;
    },
  };
}

function refuseBackwards(now: AnchorState, next: AnchorState): void {
  if (now.registry && next.registry) {
    const step = next.registry.sequence - now.registry.sequence;
    if (step < 0 || (step === 0 && !equalBytes(next.registry.hash, now.registry.hash)))
      throw new StrongroomError('registry-rolled-back');
  }
  if (now.checkpoint && next.checkpoint) {
    const step = next.checkpoint.size - now.checkpoint.size;
    if (step < 0 || (step === 0 && !equalBytes(next.checkpoint.root, now.checkpoint.root)))
      throw new StrongroomError('version-conflict', { detail: 'a newer checkpoint is anchored' });
  }
  if (now.receiptKey && next.receiptKey) {
    const step = next.receiptKey.epoch - now.receiptKey.epoch;
    if (step < 0 || (step === 0 && next.receiptKey.publicKey !== now.receiptKey.publicKey))
      throw new StrongroomError('version-conflict', { detail: 'a newer receipt key is anchored' });
  }
}

function isSame(now: AnchorState, next: AnchorState): boolean {
  return (
    now.registry?.sequence === next.registry?.sequence &&
    now.checkpoint?.size === next.checkpoint?.size &&
    now.receiptKey?.epoch === next.receiptKey?.epoch
  );
}

function encode({ generation, registry, checkpoint, receiptKey }: Generation): Uint8Array {
  const stored: StoredAnchor = {
    v: 1,
    generation,
    ...(registry && { registry: { sequence: registry.sequence, hash: encodeBytes(registry.hash) } }),
    ...(checkpoint && { checkpoint: { size: checkpoint.size, root: encodeBytes(checkpoint.root) } }),
    ...(receiptKey && { receiptKey }),
  };
  return canonicalBytes(stored as unknown as CanonicalValue);
}

/** `undefined` for what is not whole. The token is trusted, so what is whole is what a worker wrote. */
function decode(bytes: Uint8Array): Generation | undefined {
  try {
    const { generation, registry, checkpoint, receiptKey } = parseCanonical(bytes) as unknown as StoredAnchor;
    return {
      generation,
      registry: registry && { sequence: registry.sequence, hash: decodeBytes(registry.hash) },
      checkpoint: checkpoint && { size: checkpoint.size, root: decodeBytes(checkpoint.root) },
      receiptKey,
    };
  } catch (error) {
    if (error instanceof CanonicalError) return undefined;
    throw error;
  }
}
