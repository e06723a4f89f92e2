/** Bodies of log entries: what of a request and its reply goes into the log is decided by the row of the operation. */
import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import {
  type CountedSubject,
  type EntryActor,
  type EntryBody,
  type EntryObject,
  type EntryOutcome,
  type EntryPhase,
  type FieldProjection,
  type OperationDescriptor,
  projectFields,
} from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';
import { objectOf, type Params } from '../domain/subject.ts';
import type { Clock } from '../ports/clock.ts';
import type { Commitments } from './commitments.ts';

export interface EntryFacts {
  readonly requestId: string;
  readonly operation: string;
  /** Of the request; or, as text, what an entry of it says already. */
  readonly requestHash: Uint8Array | string;
  readonly actor: EntryActor;
  /** Of the actor, where there is one. */
  readonly commitmentSalt?: string | undefined;
  readonly phase: EntryPhase;
  readonly outcome: EntryOutcome;
  readonly code?: ErrorCode | undefined;
  /** Present only where the parameters fit the row: nothing else of a message comes into the log. */
  readonly request?: { readonly row: Pick<OperationDescriptor, 'audit' | 'object'>; readonly params: Params };
  readonly result?: unknown;
  /** Instead of the object of the row. */
  readonly objects?: readonly EntryObject[] | undefined;
  /** Version of the object of the row. */
  readonly version?: number | undefined;
  readonly counts?: CountedSubject | undefined;
  readonly approval?: { readonly opHash: string; readonly approvers?: readonly string[] } | undefined;
  /** What only entries of the platform itself say; declared where they are made. */
  readonly remarks?: Readonly<Record<string, CanonicalValue>>;
}

export interface EntryBodiesParts {
  readonly tenant: string;
  readonly worker: string;
  readonly commitments: Commitments;
  readonly clock: Clock;
}

export type MakeEntryBody = (facts: EntryFacts) => EntryBody;

const anonymous: EntryActor = Object.freeze({ id: 'anonymous', proof: 'none' });
const none: Readonly<Record<string, unknown>> = Object.freeze({});

/** The actor of what nobody has proven. */
export const anonymousActor = anonymous;
/** The platform itself: seeding, reconciliation, its own keys. */
export const systemActor: EntryActor = Object.freeze({ id: 'system', proof: 'system' });

export function makeEntryBodies({ tenant, worker, commitments, clock }: EntryBodiesParts): MakeEntryBody {
  const projectionFor = ({ requestId, commitmentSalt }: EntryFacts): FieldProjection => ({
    plain: (value) => canonicalText(value as CanonicalValue),
    commit: (field, value) => commitments.commit(requestId, field, value as CanonicalValue, commitmentSalt),
    hmac: (field, value) => commitments.hash(field, value as CanonicalValue),
  });
  return (facts) => {
    const { requestId, request, approval, code } = facts;
    const projection = projectionFor(facts);
    const project = (side: 'request' | 'reply', values: unknown) =>
      request === undefined
        ? {}
        : projectFields(request.row.audit[side], (values ?? none) as Params, projection);
    return {
      v: 1,
      tenant,
      requestId,
      phase: facts.phase,
      operation: facts.operation,
      actor: facts.actor,
      objects: [...(facts.objects ?? objectsOf(facts))],
      outcome: facts.outcome,
      ...(code === undefined ? {} : { code }),
      request: { ...project('request', request?.params), ...remarksOf(facts) },
      reply: project('reply', facts.result),
      requestHash:
        typeof facts.requestHash === 'string'
          ? facts.requestHash
          : commitments.mark(facts.requestHash, facts.commitmentSalt),
      ...(approval === undefined ? {} : { approval: approval.opHash }),
      ...(approval?.approvers === undefined ? {} : { approvers: [...approval.approvers] }),
      ...(facts.counts === undefined ? {} : { counts: facts.counts }),
      at: new Date(clock.nowMs()).toISOString(),
      worker,
    };
  };
}

function objectsOf({ request, version }: EntryFacts): readonly EntryObject[] {
  if (request === undefined) return [];
  const object = objectOf(request.row.object, request.params);
  if (object.name === undefined && object.group === undefined) return [];
  return [version === undefined ? object : { ...object, version }];
}

function remarksOf({ remarks = {} }: EntryFacts): Record<string, string> {
  return Object.fromEntries(Object.entries(remarks).map(([name, value]) => [name, canonicalText(value)]));
}
