/** What whoever registers an issuer of tokens says of its keys. */
import type { ClusterKey, KeySource } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { isUsableKey } from '../../domain/cluster-key.ts';
import { problemOfKeySource } from '../../domain/key-source.ts';

interface IssuerSettings {
  readonly issuer: string;
  readonly keys: readonly ClusterKey[];
  readonly keySource?: KeySource;
}

/** Throws `request-invalid`, naming the field. */
export function requireIssuerKeys({ issuer, keys, keySource }: IssuerSettings): void {
  requireKeys(keys);
  requireSource(issuer, keys, keySource);
}

function requireKeys(keys: readonly ClusterKey[]): void {
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length) throw invalid('keys: kid');
  for (const [index, key] of keys.entries()) if (!isUsableKey(key)) throw invalid(`keys/${index}`);
}

function requireSource(issuer: string, keys: readonly ClusterKey[], source: KeySource | undefined): void {
  if (source === undefined) {
    if (keys.length === 0) throw invalid('keys');
    return;
  }
  const problem = problemOfKeySource(issuer, source);
  if (problem !== undefined) throw invalid(problem);
}

const invalid = (field: string): StrongroomError =>
  new StrongroomError('request-invalid', { detail: `/${field}` });
