/**
 * Offline verification of an archive of the log, with nothing but the fingerprint of the deployment's identity. 1. The identity
 * is the trusted one, it certified the log key, which signed the checkpoint. 2. Every entry up to the sealed size is there, and
 * a certified worker signed it. 3. Their tree is a prefix of the signed one. What lies beyond the sealed size is not looked at.
 */
import { CanonicalError, decodeBytes, parseCanonical } from '@strongroom/canonical';
import { checkers } from '@strongroom/contracts';
import { CompactRange, leafHash, parseBundle, verifyConsistency } from '@strongroom/merkle';
import { AppendCheck } from './check-append.ts';
import { openLeaf, problemOfEntry } from './check-entry.ts';
import { openManifest, type TrustedIdentity } from './open-manifest.ts';
import { tileName } from './tile-name.ts';
import type { VerifyResult } from './verify-bundle.ts';

export type ReadArchive = (path: string) => Promise<Uint8Array | undefined>;

const tileWidth = 256;

/** Total: whatever the files hold, the answer is a verdict. */
export async function verifyArchive(read: ReadArchive, trusted: TrustedIdentity): Promise<VerifyResult> {
  const sealed = parsed(await read('sealed.json'));
  if (!checkers.archiveSeal.check(sealed)) return refusal('sealed.json is not of an archive');
  const { identity, checkpoint: note, logKey, size, consistency } = sealed;
  const type = 'strongroom.audit-bundle/1' as const;
  const opened = openManifest({ type, identity, checkpoint: note, logKey, filter: {} }, trusted);
  if (typeof opened === 'string') return refusal(opened);
  const { checkpoint } = opened;
  if (size % tileWidth !== 0 || size > checkpoint.size) return refusal('its size is not one of an archive');
  const range = CompactRange.of(0, []);
  const appends = new AppendCheck(opened.identity);
  while (range.size < size) {
    const problem = await readTile(read, range, appends);
    if (problem !== undefined) return { ...refusal(problem.reason), ...facts(problem.index, checkpoint) };
  }
  const proof = consistency.map(decodeBytes);
  if (!verifyConsistency(size, range.root(), checkpoint.size, checkpoint.root, proof))
    return refusal('its entries are not those of the signed tree');
  return {
    verdict: 'genuine',
    entries: size,
    checkpointSize: checkpoint.size,
    origin: checkpoint.origin,
    reasons: [],
  };
}

/** Adds 256 entries to the tree; says which of them is wrong, and why. */
async function readTile(read: ReadArchive, range: CompactRange, appends: AppendCheck) {
  const first = range.size;
  const name = tileName(first / tileWidth);
  const bytes = await read(`tile/entries/${name}`);
  const leaves = bytes && parseBundle(bytes);
  const signers = parsed(await read(`appends/${name}`));
  if (leaves?.length !== tileWidth || !checkers.archivedSigners.check(signers))
    return { index: first, reason: 'of its tile some files are missing or not whole' };
  const checked = new Map(signers.appends.map((append) => [append.id, appends.check(append)]));
  for (const [at, leaf] of leaves.entries()) {
    const [append = -1, offset = -1] = signers.places[at] ?? [];
    const opened = openLeaf(leaf);
    const reason = typeof opened === 'string' ? opened : problemOfEntry(opened, checked.get(append), offset);
    if (reason !== undefined) return { index: first + at, reason };
    range.append(leafHash(leaf));
  }
  return undefined;
}

function parsed(bytes: Uint8Array | undefined): unknown {
  try {
    return bytes === undefined ? undefined : parseCanonical(bytes);
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}

const facts = (firstBadIndex: number, { size, origin }: { size: number; origin: string }) => ({
  firstBadIndex,
  entries: firstBadIndex,
  checkpointSize: size,
  origin,
});

const refusal = (reason: string): VerifyResult => ({
  verdict: 'refused',
  entries: 0,
  checkpointSize: 0,
  reasons: [reason],
});
