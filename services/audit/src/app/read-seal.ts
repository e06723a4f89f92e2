import { CanonicalError, decodeBytes, parseCanonical } from '@strongroom/canonical';
import { checkers } from '@strongroom/contracts';
import { CompactRange } from '@strongroom/merkle';
import { sealedPath } from '../domain/archive-path.ts';
import type { Archive } from '../ports/archive.ts';
import { tampered } from './read-tail.ts';

/**
 * What the archive says it holds; nothing where it is empty. An archive that says something else of itself than is true is
 * found out at its next segment, and before anything is dropped because of it.
 */
export async function readSeal(archive: Pick<Archive, 'get'>): Promise<CompactRange> {
  const bytes = await archive.get(sealedPath);
  if (bytes === undefined) return CompactRange.of(0, []);
  try {
    const seal = parseCanonical(bytes);
    if (checkers.archiveSeal.check(seal)) return CompactRange.restore(decodeBytes(seal.range));
  } catch (fault) {
    if (!(fault instanceof CanonicalError || fault instanceof RangeError)) throw fault;
  }
  throw tampered(`${sealedPath} of the archive is not what was written`);
}
