/**
 * A tree that can grow, in the space of its right edge: the roots of the complete subtrees that its size falls into,
 * one for each bit of the size, largest first. What a writer holds between two commits.
 */
import { emptyRoot, hashBytes, nodeHash } from './hash.ts';
import { type NodeId, nodesAddedBy } from './range.ts';
import { half, isOdd, isSize } from './size.ts';

export interface StoredNode extends NodeId {
  readonly hash: Uint8Array;
}

const sizeBytes = 8;

export class CompactRange {
  #size = 0;
  readonly #peaks: Uint8Array[] = [];

  get size(): number {
    return this.#size;
  }

  /** Answers with the nodes that became complete, from the leaf up: what a store of nodes has to keep. */
  append(leafHash: Uint8Array): readonly StoredNode[] {
    if (leafHash.length !== hashBytes) throw new RangeError('a leaf hash has 32 bytes');
    let hash = leafHash;
    const nodes = nodesAddedBy(this.#size).map((id) => {
      if (id.level > 0) hash = nodeHash(this.#peaks.pop() as Uint8Array, hash);
      return { ...id, hash };
    });
    this.#peaks.push(hash);
    this.#size += 1;
    return nodes;
  }

  root(): Uint8Array {
    return (
      this.#peaks.reduceRight<Uint8Array | undefined>(
        (right, peak) => (right === undefined ? peak : nodeHash(peak, right)),
        undefined,
      ) ?? emptyRoot
    );
  }

  /** A batch is tried on a copy, which takes the place of the original once it is committed. */
  copy(): CompactRange {
    return CompactRange.of(this.#size, this.#peaks);
  }

  /** Size as 8 octets, big endian, and the roots. */
  serialise(): Uint8Array {
    const bytes = new Uint8Array(sizeBytes + this.#peaks.length * hashBytes);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(this.#size));
    for (const [place, peak] of this.#peaks.entries()) bytes.set(peak, sizeBytes + place * hashBytes);
    return bytes;
  }

  /** From the roots of the subtrees of `rangeNodes({ begin: 0, end: size })`. Throws `RangeError` if they do not fit. */
  static of(size: number, peaks: readonly Uint8Array[]): CompactRange {
    if (!isSize(size)) throw new RangeError('a tree size is a safe integer from 0');
    if (peaks.length !== bitsSet(size) || peaks.some((peak) => peak.length !== hashBytes)) {
      throw new RangeError('the subtrees do not fit the size');
    }
    const range = new CompactRange();
    range.#size = size;
    range.#peaks.push(...peaks);
    return range;
  }

  /** From `serialise`. Throws `RangeError` for anything else. */
  static restore(bytes: Uint8Array): CompactRange {
    const peaksBytes = bytes.length - sizeBytes;
    if (peaksBytes < 0 || peaksBytes % hashBytes !== 0) throw new RangeError('not a serialised tree');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const peaks = Array.from({ length: peaksBytes / hashBytes }, (_, place) =>
      bytes.slice(sizeBytes + place * hashBytes, sizeBytes + (place + 1) * hashBytes),
    );
    return CompactRange.of(Number(view.getBigUint64(0)), peaks);
  }
}

function bitsSet(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = half(rest)) if (isOdd(rest)) count += 1;
  return count;
}
