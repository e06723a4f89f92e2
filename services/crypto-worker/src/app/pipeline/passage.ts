/** What the steps of the pipeline hand to each other. Each step adds one of these; none takes anything back. */
import type {
  EntryBody,
  OperationDescriptor,
  OperationIntent,
  OperationName,
  PendingApproval,
  Proof,
  RoutingHeader,
  SessionGrant,
  Vote,
} from '@strongroom/contracts';
import type { ErrorCode, StrongroomError } from '@strongroom/errors';
import type { WorkerSession } from '@strongroom/sealed';
import type { Caller } from '../../domain/caller.ts';
import type { Params } from '../../domain/subject.ts';
import type { Holdings } from '../use-case.ts';
import type { ApprovedBy } from './deed.ts';

/** An operation on its way in: a frame from the bus, or an approved operation that comes back. */
export type Arrival =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'approved'; readonly bytes: Uint8Array };

/** What there is to verify the caller by. */
export type Evidence =
  | { readonly kind: 'proof'; readonly proof: Proof | undefined; readonly opensSession: boolean }
  | { readonly kind: 'session'; readonly session: WorkerSession }
  /** The worker verified the caller before, and encrypted what it found for itself. */
  | { readonly kind: 'approval'; readonly caller: Caller; readonly approval: Approval }
  /** What arrived could not be opened: it can only be refused. */
  | { readonly kind: 'none'; readonly fault: StrongroomError };

export interface Approval {
  /** Made by a worker: its MAC was verified. */
  readonly intent: OperationIntent;
  readonly opHash: string;
  readonly votes: readonly Vote[];
}

/** After `open`. */
export interface Request {
  readonly requestId: string;
  /** As far as it could be read; nothing in it is believed before `authorise` compared it. */
  readonly routing: RoutingHeader | undefined;
  readonly operation: string;
  readonly params: Params;
  /** SHA-256 of the canonical operation object; of the bytes for what could not be opened. */
  readonly requestHash: Uint8Array;
  readonly bytes: number;
  readonly evidence: Evidence;
  /** Binds a reply to this request, in the form in which the request came. */
  readonly seal: (reply: Reply, entry: number | undefined, session: SessionGrant | undefined) => Uint8Array;
  /** A ticket for the caller once it is proven; absent where none was asked for. */
  readonly grantSession?: (caller: Caller, proofExpiresAtMs: number) => SessionGrant;
}

/** After `authorise`: the operation is known, its parameters fit, the caller may. */
export interface Permit {
  readonly request: Request;
  readonly row: OperationDescriptor<OperationName>;
  readonly caller: Caller;
  readonly holdings: Holdings;
  readonly may: (group: string | undefined) => boolean;
}

/** After `quorum`: nobody else has to agree, or enough have. */
export interface Clearance {
  readonly status: 'cleared';
  /** Absent where no quorum was needed. */
  readonly approvedBy?: ApprovedBy;
}
export interface Pending {
  readonly status: 'pending';
  readonly outcome: Outcome;
}

/** After `intent`, where the operation changes something. */
export interface Intent {
  readonly actor: string;
  readonly requestId: string;
  /** Index of the intent entry. */
  readonly entry: number;
}

/** How far a request came before it was refused. */
export interface Reached {
  caller?: Caller;
  clearance?: Clearance;
  intent?: Intent;
}

/** What the caller is told, without what every reply has. */
export type Reply =
  | { readonly status: 'done'; readonly result: unknown }
  | { readonly status: 'pending'; readonly approval: PendingApproval }
  | {
      readonly status: 'refused';
      readonly error: { readonly code: ErrorCode; readonly detail?: string; readonly retryAfterMs?: number };
    };

/** How a request ended, before the log has it. */
export interface Outcome {
  readonly reply: Reply;
  /** Must be in the log before the reply leaves; absent where there is nothing more to record. */
  readonly body?: EntryBody;
  /** Where the log has it already. */
  readonly entry?: number;
  /** The open intent that ends with this outcome, once the log has it. */
  readonly closes?: Intent;
  /** The open intent that reconciliation has to end. */
  readonly leaves?: Intent;
}

/** After `receipt`: what may leave. */
export interface Answer {
  readonly reply: Reply;
  readonly entry?: number;
}
