/** Where proofs of single leaves come from: a bundle, tiles in a folder, the running log. None of them is believed. */
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  decodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import type { ExportedEntry } from '@strongroom/contracts';
import { inclusionPathFrom, JointProof, leafHash, type NodeId, nodeHash } from '@strongroom/merkle';
import { type BundleEntry, bundleLine } from './bundle.ts';
import type { Inclusion, ProveLeaf } from './continuity.ts';
import { tileName } from './tile-name.ts';
import type { ReadArchive } from './verify-archive.ts';

/** By the entry itself, where the bundle of the newer tree holds it: the entries before it have shown most of its path. */
export function proveByBundle(lines: () => AsyncIterable<string>): ProveLeaf {
  return async (index, { size, root }) => {
    const proof = new JointProof(size, root);
    for await (const line of lines()) {
      const shown = entryOfLine(line);
      if (shown === undefined) continue;
      const leaf = leafHash(canonicalBytes(shown.entry as unknown as CanonicalValue));
      if (shown.index > index || !proof.prove(shown.index, leaf, shown.proof.map(hashOf))) return undefined;
      if (shown.index === index) return { leafHash: leaf, path: proof.auditPath() };
    }
    return undefined;
  };
}

function entryOfLine(line: string): BundleEntry | undefined {
  try {
    const value: unknown = line.startsWith('{"entry":') ? parseCanonical(Buffer.from(line)) : undefined;
    return bundleLine.entry.check(value) ? value.entry : undefined;
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}

/** 43 characters may be the wrong ones for 32 bytes; such a hash is none of the tree. */
const hashOf = (text: string): Uint8Array => Buffer.from(text, 'base64url');

/** `undefined` for bytes of the wrong form. */
export function inclusionOf({ entry, proof }: ExportedEntry): Inclusion | undefined {
  try {
    return { leafHash: leafHash(decodeBytes(entry)), path: proof.map(decodeBytes) };
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}

/** By C2SP tiles that reach as far as the newer tree: a mirror of the log, or an archive of it. */
export function proveByTiles(read: ReadArchive): ProveLeaf {
  return async (index, { size }) => {
    const nodeOf = (id: NodeId): Promise<Uint8Array> => nodeFromTiles(read, size, id);
    try {
      return {
        leafHash: await nodeOf({ level: 0, index }),
        path: await inclusionPathFrom(index, size, (ids) => Promise.all(ids.map(nodeOf))),
      };
    } catch (fault) {
      if (fault instanceof TileMissing) return undefined;
      throw fault;
    }
  };
}

class TileMissing extends Error {}

const tileHeight = 8;
const tileWidth = 2 ** tileHeight;
const hashBytes = 32;

async function nodeFromTiles(read: ReadArchive, size: number, { level, index }: NodeId): Promise<Uint8Array> {
  const layer = Math.floor(level / tileHeight);
  const width = 2 ** (level % tileHeight);
  const first = index * width;
  const tile = Math.floor(first / tileWidth);
  const path = `tile/${layer}/${tileName(tile)}`;
  // Hashes that the newer tree has on this layer; the last of its tiles may be a partial one.
  const partial = Math.floor(size / tileWidth ** layer) - tile * tileWidth;
  const bytes = (await read(path)) ?? (partial < tileWidth ? await read(`${path}.p/${partial}`) : undefined);
  const from = (first % tileWidth) * hashBytes;
  if (bytes !== undefined && bytes.length >= from + width * hashBytes)
    return rootOf(bytes.subarray(from, from + width * hashBytes));
  if (level === 0) throw new TileMissing(path);
  // An archive keeps no tiles of the uppermost layers: what is in them follows from those below.
  const below = { level: level - 1, index: index * 2 };
  return nodeHash(
    await nodeFromTiles(read, size, below),
    await nodeFromTiles(read, size, { ...below, index: below.index + 1 }),
  );
}

function rootOf(hashes: Uint8Array): Uint8Array {
  if (hashes.length === hashBytes) return hashes;
  const half = hashes.length / 2;
  return nodeHash(rootOf(hashes.subarray(0, half)), rootOf(hashes.subarray(half)));
}
