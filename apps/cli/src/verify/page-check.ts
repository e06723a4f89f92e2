/**
 * The pages of an export, verified as they come, as a bundle of them would be: who signed the checkpoint, that each entry is in
 * its tree, that a worker signed it, and that it was asked for. What OCSF and CSV say is verified at the moment it is written,
 * because nothing of it can be verified afterwards. Whether entries were left out is for a bundle to show.
 */
import { decodeBytes } from '@strongroom/canonical';
import type { AuditExportReply, AuditFilter, IndexedEntry } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { leafHash, rootFromInclusion, withCosignatures } from '@strongroom/merkle';
import { AppendCheck } from './check-append.ts';
import { openLeaf, problemOfEntry } from './check-entry.ts';
import { matchesFilter } from './matches-filter.ts';
import { type OpenedManifest, openManifest } from './open-manifest.ts';
import { OrderCheck } from './order-check.ts';

export interface VerifiedEntry extends IndexedEntry {
  readonly leaf: Uint8Array;
}

export class PageCheck {
  readonly #filter: AuditFilter;
  /** Identity key that the connection is pinned to, as base64url. */
  readonly #identity: string;
  readonly #order = new OrderCheck();
  #opened: (OpenedManifest & { readonly note: string; readonly appends: AppendCheck }) | undefined;

  constructor({ filter, identity }: { readonly filter: AuditFilter; readonly identity: string }) {
    this.#filter = filter;
    this.#identity = identity;
  }

  /** In the order of the pages. Throws `record-tampered`, naming the entry, and `reply-invalid` for a page of another checkpoint. */
  entries(page: AuditExportReply): readonly VerifiedEntry[] {
    const opened = this.#opened ?? this.#open(page);
    this.#opened = opened;
    if (page.checkpoint !== opened.note)
      throw new StrongroomError('reply-invalid', { detail: 'pages of two checkpoints' });
    const appends = new Map(page.appends.map((append) => [append.id, opened.appends.check(append)]));
    return page.entries.map(({ index, entry: bytes, proof, append, offset }) => {
      const leaf = decodeBytes(bytes);
      const { size, root } = opened.checkpoint;
      const proven = rootFromInclusion(leafHash(leaf), index, size, proof.map(decodeBytes));
      if (proven === undefined || Buffer.compare(proven, root) !== 0)
        throw tampered(`entry ${index}: it is not in the signed tree`);
      const text = openLeaf(leaf);
      if (typeof text === 'string') throw tampered(`entry ${index}: ${text}`);
      const { entry } = text;
      const problem = problemOfEntry(text, appends.get(append), offset) ?? this.#order.add(index, entry);
      if (problem !== undefined) throw tampered(`entry ${index}: ${problem}`);
      if (!matchesFilter(entry, this.#filter)) throw tampered(`entry ${index}: it was not asked for`);
      return { index, entry, leaf };
    });
  }

  #open({ checkpoint: note, cosignatures = [], logKey }: AuditExportReply) {
    const checkpoint = withCosignatures(note, cosignatures);
    const type = 'strongroom.audit-bundle/1' as const;
    const manifest = { type, identity: this.#identity, checkpoint, logKey, filter: this.#filter };
    const opened = openManifest(manifest, { identity: decodeBytes(this.#identity) });
    if (typeof opened === 'string') throw tampered(opened);
    return { ...opened, note, appends: new AppendCheck(opened.identity) };
  }
}

const tampered = (detail: string) => new StrongroomError('record-tampered', { detail });
