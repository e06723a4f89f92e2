/**
 * The client: one call is one operation, sealed so that only a crypto worker reads it and only this process reads the
 * answer. It trusts the pinned identity and nothing between.
 */
import {
  describeOperation,
  type ErrorReply,
  newRequestId,
  type OperationDescriptor,
  type OperationName,
  type OperationReply,
  type OperationRequest,
  operationChecker,
  type PendingApproval,
  type ReplyMessage,
  requestLifetimeMsMax,
  silentWorkerCode,
} from '@strongroom/contracts';
import { isErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import { type Deadline, startDeadline } from './deadline.ts';
import { Gateway } from './gateway.ts';
import { checkedOptions, type StrongroomOptions } from './options.ts';
import { makeSealedCall, type SealedCall } from './sealed-call.ts';
import { SealingKeySource } from './sealing-key-source.ts';
import { SessionKeeper } from './session.ts';
import { LostConnection } from './transport-fault.ts';

export interface CallOptions {
  /** Never longer than the operation allows, which is the default. */
  readonly deadlineMs?: number;
  /** Repeat a mutation under its id to learn its outcome; a new one by default. */
  readonly requestId?: string;
  readonly signal?: AbortSignal;
}

/** `entry` is the index in the log: an answer without one would be an answer without a receipt (I4). */
export type CallAnswer<Name extends OperationName> =
  | { readonly status: 'done'; readonly result: OperationReply<Name>; readonly entry: number }
  | { readonly status: 'pending'; readonly approval: PendingApproval; readonly entry: number };

export interface StrongroomClient {
  /**
   * Throws the worker's refusal under its code. Also: `overloaded` above the bound of pending calls, `deadline-exceeded`,
   * `outcome-unknown` where a mutation may have arrived, `identity-mismatch`, `reply-invalid`, `stopping` once closed.
   */
  call<Name extends OperationName>(
    operation: Name,
    params: OperationRequest<Name>,
    options?: CallOptions,
  ): Promise<CallAnswer<Name>>;
  /** The identity public key of the deployment as base64url, after it was found to be the pinned one. */
  identity(): Promise<string>;
  /** Waits for the calls under way, refuses new ones. */
  close(): Promise<void>;
}

/** Connects at the first call. Throws `configuration-invalid`. */
export function connectStrongroom(options: StrongroomOptions): StrongroomClient {
  const checked = checkedOptions(options);
  const { gatewayUrl, ca, connectionsMax, nowMs, credential, tenant, pool, identityFingerprint } = checked;
  const gateway = new Gateway({ url: gatewayUrl, ca, connectionsMax });
  const keys = new SealingKeySource({
    fetch: (signal) => gateway.sealingKeys(signal),
    pin: { identityFingerprint, tenant, pool },
    nowMs,
  });
  const sessions = checked.useSession ? new SessionKeeper(nowMs) : undefined;
  return new Client(checked, gateway, keys, makeSealedCall({ gateway, keys, credential, sessions }));
}

/** Whoever runs the workers has started another one by then. */
const silentRetryAfterMs = 1_000;

/** Why a call is repeated with a new sealed message: at once, within the deadline, and once for each reason. */
type RepeatReason = 'session-ended' | 'sealing-key-unknown' | 'lost';

class Client implements StrongroomClient {
  readonly #options: Required<StrongroomOptions>;
  readonly #gateway: Gateway;
  readonly #keys: SealingKeySource;
  readonly #sealedCall: SealedCall;
  #pending = 0;
  #closing: Promise<void> | undefined;

  constructor(
    options: Required<StrongroomOptions>,
    gateway: Gateway,
    keys: SealingKeySource,
    sealedCall: SealedCall,
  ) {
    this.#options = options;
    this.#gateway = gateway;
    this.#keys = keys;
    this.#sealedCall = sealedCall;
  }

  async call<Name extends OperationName>(
    operation: Name,
    params: OperationRequest<Name>,
    options: CallOptions = {},
  ): Promise<CallAnswer<Name>> {
    if (this.#closing !== undefined)
      throw new StrongroomError('stopping', { detail: 'the client is closed' });
    if (this.#pending >= this.#options.pendingMax)
      throw new StrongroomError('overloaded', { detail: 'pending calls' });
    const row = describeOperation(operation);
    const deadlineMs = Math.min(options.deadlineMs ?? row.deadlineMs, row.deadlineMs, requestLifetimeMsMax);
    this.#pending += 1;
    try {
      using deadline = startDeadline(deadlineMs, this.#options.nowMs(), options.signal);
      const fields = params as Readonly<Record<string, unknown>>;
      return answerOf(operation, await this.#repeat(row, fields, deadline, options.requestId));
    } finally {
      this.#pending -= 1;
    }
  }

  async identity(): Promise<string> {
    return (await this.#keys.current()).identity;
  }

  close(): Promise<void> {
    this.#closing ??= this.#gateway.close();
    return this.#closing;
  }

  /**
   * A mutation keeps its id: the registry carries it out once, whatever became of the first attempt. A read gets a new one,
   * because a worker may have taken the first and logged it.
   */
  async #repeat(
    row: OperationDescriptor,
    params: Readonly<Record<string, unknown>>,
    deadline: Deadline,
    firstRequestId: string = newRequestId(this.#options.nowMs()),
  ): Promise<ReplyMessage> {
    const tried = new Set<RepeatReason>();
    let requestId = firstRequestId;
    for (;;) {
      try {
        return await this.#attempt(row, params, deadline, requestId);
      } catch (error) {
        const reason = repeatReason(error);
        if (reason === undefined || tried.has(reason)) throw settled(error, row);
        tried.add(reason);
        if (!row.mutates) requestId = newRequestId(this.#options.nowMs());
      }
    }
  }

  async #attempt(
    row: OperationDescriptor,
    params: Readonly<Record<string, unknown>>,
    { atMs, signal }: Deadline,
    requestId: string,
  ): Promise<ReplyMessage> {
    signal.throwIfAborted();
    const { pool, tenant } = this.#options;
    const notAfter = new Date(atMs).toISOString();
    const routing = { v: 1 as const, pool, tenant, class: row.class, requestId, notAfter };
    const reply = await this.#sealedCall({ routing, operation: row.name, params, signal });
    if (reply.status === 'refused') throw workerRefusal(reply.error);
    return reply;
  }
}

function repeatReason(error: unknown): RepeatReason | undefined {
  if (error instanceof LostConnection) return 'lost';
  if (!isStrongroomError(error)) return undefined;
  return error.code === 'session-ended' || error.code === 'sealing-key-unknown' ? error.code : undefined;
}

/** A read that was lost on the way has no outcome that could be unknown. */
function settled(error: unknown, row: OperationDescriptor): unknown {
  if (isStrongroomError(error) && error.code === 'worker-silent') return silentWorker(error, row);
  if (!(error instanceof LostConnection)) return error;
  return new StrongroomError(row.mutates ? 'outcome-unknown' : 'worker-unavailable', {
    detail: error.message,
    cause: error,
  });
}

const silentWorker = (cause: StrongroomError, row: OperationDescriptor): StrongroomError =>
  new StrongroomError(silentWorkerCode(row), {
    ...(cause.detail === undefined ? {} : { detail: cause.detail }),
    cause,
    retryAfterMs: silentRetryAfterMs,
  });

function workerRefusal({ code, detail, retryAfterMs }: ErrorReply): StrongroomError {
  if (!isErrorCode(code)) {
    return new StrongroomError('internal', {
      detail: 'the worker answered with a code that is not known here',
    });
  }
  return new StrongroomError(code, {
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function answerOf<Name extends OperationName>(operation: Name, reply: ReplyMessage): CallAnswer<Name> {
  const { entry } = reply;
  if (entry === undefined || reply.status === 'refused') {
    throw new StrongroomError('reply-invalid', { detail: 'the answer names no entry of the log' });
  }
  if (reply.status === 'pending') return { status: 'pending', approval: reply.approval, entry };
  const { result } = reply;
  if (!operationChecker(operation).reply.check(result)) {
    throw new StrongroomError('reply-invalid', { detail: 'the result does not fit the operation' });
  }
  return { status: 'done', result: result as OperationReply<Name>, entry };
}
