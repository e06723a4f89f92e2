import { encodeBytes } from '@strongroom/canonical';
import { type ErrorCode, StrongroomError } from '@strongroom/errors';
import { stateRefusal } from '../../domain/key-state.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import type { CarryOut } from '../use-case.ts';
import { findKeyVersion } from './find-version.ts';
import type { UseKey } from './use-key.ts';
import { wrappingLabel } from './wrapping-label.ts';

export interface ExportKeyPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'exportKey'>;
  readonly useKey: UseKey;
}

/** Nothing changes, and still it is a mutation: what has left can not be taken back, so its intent is in the log first. */
export function makeExportKey(ports: ExportKeyPorts): CarryOut<'key.export'> {
  return async ({ params, caller }) => {
    const { group, wrappingKey } = params;
    const { key, found } = await findKeyVersion(ports.registry, params);
    const label = leavingLabel(key, found);
    const { principal } = caller;
    const wrapping = await wrappingLabel(ports, { group, name: wrappingKey, principal, use: 'wrap' });
    const wrapped = await ports.hsm.exportKey(label, wrapping.label);
    const { version } = found;
    const result = {
      version,
      type: key.type,
      wrappingVersion: wrapping.version,
      wrapped: encodeBytes(wrapped),
    };
    return { result, version };
  };
}

/** Label of a version that may leave. Throws why it may not. */
export function leavingLabel(key: KeyRecord, found: KeyVersionRecord): string {
  const code = leavingRefusal(key, found);
  if (code !== undefined) throw new StrongroomError(code);
  if (found.material.kind !== 'token') throw new StrongroomError('key-not-exportable');
  return found.material.label;
}

function leavingRefusal(key: KeyRecord, found: KeyVersionRecord): ErrorCode | undefined {
  if (!key.exportable) return 'key-not-exportable';
  // The row says that a quorum may guard it; of a key without a policy none would be asked.
  if (key.policy === undefined) return 'quorum-required';
  if (key.destroyAt !== undefined || found.destroyAt !== undefined) return 'key-destruction-pending';
  return stateRefusal(key.state, 'export') ?? stateRefusal(found.state, 'export');
}
