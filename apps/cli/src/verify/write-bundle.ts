import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { AuditExportReply, AuditFilter } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { withCosignatures } from '@strongroom/merkle';
import type { BundleEnd, BundleManifest } from './bundle.ts';
import { LinesHash, manifestHash } from './bundle-hash.ts';

export interface BundleSource {
  readonly filter: AuditFilter;
  /** Identity key of the deployment that answered, 32 bytes as base64url. */
  readonly identity: string;
}

/** What a bundle holds by now, so that its next line can be written. */
export interface BundleSoFar {
  /** As its manifest has it, with cosignatures. */
  readonly checkpoint: string;
  readonly lines: LinesHash;
  /** Append messages that are there and that further entries may have come in. */
  readonly appends: ReadonlySet<number>;
  readonly counts: { readonly appends: number; readonly entries: number };
}

/** The lines of a bundle from the pages of one export, without line ends; from where an earlier one ended, if it is told. Throws `reply-invalid` if they do not fit. */
export async function* bundleLines(
  pages: AsyncIterable<AuditExportReply>,
  { filter, identity }: BundleSource,
  soFar?: BundleSoFar,
): AsyncGenerator<string> {
  const lines = soFar?.lines ?? new LinesHash();
  const written = (value: object): string => {
    const line = canonicalText(value as CanonicalValue);
    lines.add(line);
    return line;
  };
  let checkpoint = soFar?.checkpoint;
  let appendsBefore = soFar?.appends ?? new Set<number>();
  const counts = { appends: 0, entries: 0, ...soFar?.counts };
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
      yield written({ hash: manifestHash(manifest), manifest });
    }
    if (!checkpoint.startsWith(page.checkpoint))
      throw new StrongroomError('reply-invalid', { detail: 'pages of two checkpoints' });
    for (const append of page.appends) {
      // The entries of one message may be spread over neighbouring pages, which both bring it along.
      if (appendsBefore.has(append.id)) continue;
      counts.appends += 1;
      yield written({ append });
    }
    appendsBefore = new Set(page.appends.map(({ id }) => id));
    for (const entry of page.entries) {
      counts.entries += 1;
      yield written({ entry });
    }
  }
  if (checkpoint === undefined)
    throw new StrongroomError('reply-invalid', { detail: 'an export without a page' });
  const end: BundleEnd = { ...counts, lines: lines.end() };
  yield canonicalText({ end });
}
