/** Domain-separated, so that no hash of anything else can stand in for it. */
import { type CanonicalValue, digest, encodeBytes } from '@strongroom/canonical';
import type { BundleManifest } from './bundle.ts';

export function manifestHash(manifest: BundleManifest): string {
  return encodeBytes(digest('strongroom/audit-bundle-manifest/1', manifest as unknown as CanonicalValue));
}
