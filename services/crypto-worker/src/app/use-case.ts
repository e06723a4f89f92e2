/**
 * What a use case is to the pipeline: it does the work of one operation and RETURNS what is to become of the records. It
 * commits nothing, logs nothing and answers nobody; when it runs, proof, grants, quorum and intent are settled.
 */
import type { GrantInForce, RoleLookup } from '@strongroom/authorization';
import type {
  CountedSubject,
  DomainEvent,
  EntryObject,
  OperationName,
  OperationReply,
  OperationRequest,
} from '@strongroom/contracts';
import type { Caller } from '../domain/caller.ts';
import type { RecordChange } from '../ports/registry.ts';

/** The grants of the caller as they are now. */
export interface Holdings {
  readonly grants: readonly GrantInForce[];
  readonly roleOf: RoleLookup;
}

export interface Call<Name extends OperationName> {
  readonly params: OperationRequest<Name>;
  readonly requestId: string;
  readonly caller: Caller;
  readonly holdings: Holdings;
  /** Whether the caller may do this operation to objects of the group. */
  readonly may: (group: string) => boolean;
  /** RFC 3339; the one time of everything that the call makes. */
  readonly at: string;
}

export interface Effect<Name extends OperationName = OperationName> {
  readonly result: OperationReply<Name>;
  /** What the entry names, instead of the object of the row. */
  readonly objects?: readonly EntryObject[];
  /** Version of the object of the row that was used or made. */
  readonly version?: number;
  /** Has the writer state in the entry how many entries this subject has by then. */
  readonly counts?: CountedSubject;
  /** Only of operations that mutate. */
  readonly changes?: readonly RecordChange[];
  readonly events?: readonly Pick<DomainEvent, 'name' | 'object' | 'version' | 'days'>[];
}

export type CarryOut<Name extends OperationName> = (call: Call<Name>) => Promise<Effect<Name>>;

export interface UseCase<Name extends OperationName> {
  readonly carryOut: CarryOut<Name>;
  /** What only this operation must check before anything happens; throws the refusal. */
  readonly permit?: (call: Call<Name>) => Promise<void>;
  /**
   * For a request that names objects of several groups: which. One of them lets the request in, and the use case then
   * decides on each object with `may`.
   */
  readonly groupsOf?: (params: OperationRequest<Name>) => readonly string[];
}

/** One for every row of the catalogue; the compiler counts them. */
export type UseCases = { readonly [Name in OperationName]: UseCase<Name> };
