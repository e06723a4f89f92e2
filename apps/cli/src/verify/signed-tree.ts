/**
 * A signed tree from a file: a bundle, the first line of one (which is how a checkpoint is kept), or a bare C2SP checkpoint.
 * A bare one does not say who certified the key that signed it: the certificate then comes from the other file.
 */
import { CanonicalError, type CanonicalValue, canonicalText, parseCanonical } from '@strongroom/canonical';
import type { Checkpoint } from '@strongroom/merkle';
import { type BundleManifest, bundleLine, lineCharactersMax } from './bundle.ts';
import { manifestHash } from './bundle-hash.ts';
import { openManifest, type TrustedIdentity } from './open-manifest.ts';

export type Certificate = Pick<BundleManifest, 'identity' | 'logKey'>;

/** What a file holds, before any of it is believed: the note, and the certificate where it has one. */
export interface ReadTree {
  readonly note: string;
  readonly certificate?: Certificate;
}

/** From the beginning of a file, or of all of it. `undefined` for other files. */
export function readTree(text: string): ReadTree | undefined {
  if (!text.startsWith('{')) return { note: text };
  try {
    const value: unknown = parseCanonical(Buffer.from(text.split('\n', 1)[0] ?? ''));
    if (!bundleLine.manifest.check(value) || manifestHash(value.manifest) !== value.hash) return undefined;
    const { checkpoint, identity, logKey } = value.manifest;
    return { note: checkpoint, certificate: { identity, logKey } };
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}

/** Both trees, or what is wrong with one of them. */
export function openTrees(
  read: readonly (ReadTree | undefined)[],
  trusted: TrustedIdentity,
): readonly Checkpoint[] | string {
  const certified = read.find((one) => one?.certificate !== undefined)?.certificate;
  if (certified === undefined) return 'neither has the certificate of the log key: one has to be a bundle';
  const trees: Checkpoint[] = [];
  for (const [at, one] of read.entries()) {
    if (one === undefined) return `file ${at + 1} is neither a bundle nor a checkpoint`;
    const opened = openManifest(keptManifest(one.note, one.certificate ?? certified), trusted);
    if (typeof opened === 'string') return `file ${at + 1}: ${opened}`;
    trees.push(opened.checkpoint);
  }
  return trees;
}

/** The line that a checkpoint is kept as: the first of a bundle, without the rest. */
export function keptLine(note: string, certificate: Certificate): string {
  const manifest = keptManifest(note, certificate);
  return `${canonicalText({ hash: manifestHash(manifest), manifest } as unknown as CanonicalValue)}\n`;
}

export const keptBytesMax = lineCharactersMax;

const keptManifest = (checkpoint: string, { identity, logKey }: Certificate): BundleManifest => ({
  type: 'strongroom.audit-bundle/1',
  identity,
  checkpoint,
  logKey,
  filter: {},
});
