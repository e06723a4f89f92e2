/** The hashes in a bundle: domain-separated, so that no hash of anything else can stand in for them. */
import { createHash } from 'node:crypto';
import { type CanonicalValue, digest, encodeBytes } from '@strongroom/canonical';
import type { BundleManifest } from './bundle.ts';

export function manifestHash(manifest: BundleManifest): string {
  return encodeBytes(digest('strongroom/audit-bundle-manifest/1', manifest as unknown as CanonicalValue));
}

/** Of the lines in their order, each with its line feed. */
export class LinesHash {
  readonly #hash = createHash('sha256').update('strongroom/audit-bundle-lines/1\0', 'utf8');

  add(line: string): void {
    this.#hash.update(line, 'utf8').update('\n', 'utf8');
  }

  end(): string {
    return this.#hash.copy().digest('base64url');
  }
}
