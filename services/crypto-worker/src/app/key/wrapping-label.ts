import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { UseKey } from './use-key.ts';

export interface WantedWrappingKey {
  readonly group: string;
  readonly name: string;
  readonly principal: string;
  readonly use: 'wrap' | 'unwrap';
}

/** The token key of a wrapping key's current version, as far as the caller may use it now. Throws what `useKey` throws. */
export async function wrappingLabel(
  { registry, useKey }: { readonly registry: Pick<Registry, 'read'>; readonly useKey: UseKey },
  { group, name, principal, use }: WantedWrappingKey,
): Promise<{ readonly label: string; readonly version: number }> {
  const { value: key } = await findRecord(registry, 'key', `${group}/${name}`);
  const { material, version } = useKey(key, { principal, purpose: 'wrapping', use, mechanism: 'aes-kwp' });
  if (material.kind !== 'token') throw new StrongroomError('record-tampered', { detail: 'wrapping key' });
  return { label: material.label, version };
}
