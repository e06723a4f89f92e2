/** One operation as the log and the registry speak of it: asked for by a caller, or done by the platform itself. */
import type { CanonicalValue } from '@strongroom/canonical';
import type { EntryActor, EntryObject, OperationDescriptor } from '@strongroom/contracts';
import type { Params } from '../../domain/subject.ts';
import type { Commitments } from '../commitments.ts';
import type { Permit } from './passage.ts';

export interface Deed {
  readonly requestId: string;
  readonly operation: string;
  readonly actor: EntryActor;
  readonly commitmentSalt?: string | undefined;
  readonly requestHash: Uint8Array;
  /** Tells a repetition from another operation under the same id; empty for what changes nothing. */
  readonly repetition: string;
  readonly request?: { readonly row: OperationDescriptor; readonly params: Params };
  readonly objects?: readonly EntryObject[];
  readonly remarks?: Readonly<Record<string, CanonicalValue>>;
}

/** Whose votes allowed it. */
export interface ApprovedBy {
  readonly opHash: string;
  readonly approvers: readonly string[];
}

export function deedOf({ request, row, caller }: Permit, commitments: Commitments): Deed {
  const { requestId, requestHash, params } = request;
  return {
    requestId,
    operation: row.name,
    actor: caller.actor,
    commitmentSalt: caller.commitmentSalt,
    requestHash,
    repetition: row.mutates ? commitments.repetition(row.name, params) : '',
    request: { row, params },
  };
}
