import {
  CanonicalError,
  type CanonicalValue,
  canonicalText,
  decodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import type { AuditExportReply, AuditFilter, ExportedEntry } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { unprovenHashes, withCosignatures } from '@strongroom/merkle';
import type { BundleEnd, BundleManifest } from './bundle.ts';
import { manifestHash } from './bundle-hash.ts';

export interface BundleSource {
  readonly filter: AuditFilter;
  /** Identity key of the deployment that answered, 32 bytes as base64url. */
  readonly identity: string;
}

/** What a bundle holds by now, so that its next line can be written. */
export interface BundleSoFar {
  /** As its manifest has it, with cosignatures. */
  readonly checkpoint: string;
  /** Append messages that are there and that further entries may have come in. */
  readonly appends: ReadonlySet<number>;
  readonly lastIndex?: number | undefined;
  readonly entries: number;
}

/** The lines of a bundle from the pages of one export, without line ends; from where an earlier one ended, if it is told. Throws `reply-invalid` if they do not fit. */
export async function* bundleLines(
  pages: AsyncIterable<AuditExportReply>,
  { filter, identity }: BundleSource,
  soFar?: BundleSoFar,
): AsyncGenerator<string> {
  let checkpoint = soFar?.checkpoint;
  let appendsBefore = soFar?.appends ?? new Set<number>();
  let { lastIndex, entries = 0 } = soFar ?? {};
  for await (const page of pages) {
    if (checkpoint === undefined) {
      // Of the first page: a witness may add its line while the pages are read.
      checkpoint = withCosignatures(page.checkpoint, page.cosignatures ?? []);
      const { logKey } = page;
      const manifest: BundleManifest = {
        type: 'strongroom.audit-bundle/1',
        identity,
        checkpoint,
        logKey,
        filter,
      };
      yield lineOf({ hash: manifestHash(manifest), manifest });
    }
    if (!checkpoint.startsWith(page.checkpoint))
      throw new StrongroomError('reply-invalid', { detail: 'pages of two checkpoints' });
    for (const append of page.appends) {
      // The entries of one message may be spread over neighbouring pages, which both bring it along.
      if (appendsBefore.has(append.id)) continue;
      yield lineOf({ append });
    }
    appendsBefore = new Set(page.appends.map(({ id }) => id));
    for (const entry of page.entries) {
      entries += 1;
      yield lineOf({ entry: bundled(entry, page.checkpointSize, lastIndex) });
      lastIndex = entry.index;
    }
  }
  if (checkpoint === undefined)
    throw new StrongroomError('reply-invalid', { detail: 'an export without a page' });
  const end: BundleEnd = { entries };
  yield lineOf({ end });
}

/** The entry itself, and of its path what the one before has not shown. */
function bundled({ entry, proof, ...place }: ExportedEntry, size: number, previous: number | undefined) {
  try {
    const value = parseCanonical(decodeBytes(entry));
    return { ...place, entry: value, proof: proof.slice(0, unprovenHashes(place.index, size, previous)) };
  } catch (fault) {
    if (!(fault instanceof CanonicalError || fault instanceof RangeError)) throw fault;
    throw new StrongroomError('reply-invalid', { detail: `entry ${place.index}` });
  }
}

const lineOf = (value: object): string => canonicalText(value as CanonicalValue);
