import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { AuditExportReply, AuditFilter } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

/** The lines of a bundle from the pages of one export. Throws `reply-invalid` if the pages do not belong together. */
export async function* bundleLines(
  pages: AsyncIterable<AuditExportReply>,
  { filter, identity }: { readonly filter: AuditFilter; readonly identity: string },
): AsyncGenerator<string> {
  let checkpoint: string | undefined;
  const written = new Set<number>();
  for await (const page of pages) {
    if (checkpoint === undefined) {
      checkpoint = page.checkpoint;
      const manifest = {
        type: 'strongroom.audit-bundle/1',
        identity,
        checkpoint,
        logKey: page.logKey,
        filter,
      };
      yield line({ manifest });
    }
    if (page.checkpoint !== checkpoint)
      throw new StrongroomError('reply-invalid', { detail: 'pages of two checkpoints' });
    for (const append of page.appends) {
      if (written.has(append.id)) continue;
      written.add(append.id);
      yield line({ append });
    }
    for (const entry of page.entries) yield line({ entry });
  }
}

const line = (value: object): string => canonicalText(value as CanonicalValue);
