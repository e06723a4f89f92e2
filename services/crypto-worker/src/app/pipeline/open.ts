/**
 * Step 1. Bytes from a carrier become an operation object, or something that can only be refused. Nothing is believed
 * yet: that a message opens says that it was sealed for a worker, not by whom or when.
 */
import { createHash } from 'node:crypto';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import {
  checkers,
  newRequestId,
  type ReplyMessage,
  type RoutingHeader,
  type SealingKeys,
} from '@strongroom/contracts';
import { StrongroomError, toStrongroomError } from '@strongroom/errors';
import {
  decodeFrame,
  encodeRefusal,
  frameKind,
  type OpenedHpkeRequest,
  type OpenedRequest,
  openRequest,
  type PrivateKeyOf,
  readRoutingHeader,
  type SessionTable,
  type TicketBox,
  type WorkerSession,
} from '@strongroom/sealed';
import { factsOf } from '../../domain/caller.ts';
import type { ApprovedOperations } from './approved-operations.ts';
import type { Arrival, Evidence, Reply, Request } from './passage.ts';

export interface OpenParts {
  readonly privateKeyOf: PrivateKeyOf;
  readonly sessions: Pick<SessionTable, 'open'>;
  readonly tickets: Pick<TicketBox, 'issue'>;
  readonly approved: Pick<ApprovedOperations, 'open'>;
  readonly registry: { sequence(): number };
  /** What callers may seal to now. A worker listens only once there is something. */
  readonly sealingKeys: () => SealingKeys;
}

export function makeOpen(parts: OpenParts): (arrival: Arrival) => Promise<Request> {
  return async ({ kind, bytes }) => {
    try {
      return kind === 'frame' ? await openFrame(parts, bytes) : openApproved(parts, bytes);
    } catch (fault) {
      return kind === 'frame' ? unopenedFrame(parts, bytes, fault) : unopenedApproval(bytes, fault);
    }
  };
}

async function openFrame(parts: OpenParts, bytes: Uint8Array): Promise<Request> {
  const frame = decodeFrame(bytes);
  if (frame.kind === frameKind.sessionRequest) {
    const opened = parts.sessions.open(frame);
    return fromMessage(opened, bytes.length, {
      kind: 'session',
      session: opened.session satisfies WorkerSession,
    });
  }
  const opened = await openRequest(frame, parts.privateKeyOf);
  const { proof, openSession } = opened.message;
  const request = fromMessage(opened, bytes.length, {
    kind: 'proof',
    proof,
    opensSession: openSession === true,
  });
  return opened.sessionSecret === undefined ? request : withSession(parts, opened, request);
}

function fromMessage(opened: OpenedRequest, bytes: number, evidence: Evidence): Request {
  const { routing, operation, params } = opened.message;
  const { requestId } = routing;
  return {
    requestId,
    routing,
    operation,
    params,
    requestHash: opened.hash,
    bytes,
    evidence,
    seal: (reply, entry, session) =>
      opened.sealReply({
        requestId,
        ...(entry === undefined ? {} : { entry }),
        ...(session === undefined ? {} : { session }),
        ...reply,
      } satisfies ReplyMessage),
  };
}

/** The ticket grows from a secret that only this request's caller shares; it is gone when the reply is sealed. */
function withSession(
  { tickets, registry }: OpenParts,
  { sessionSecret: secret }: OpenedHpkeRequest,
  request: Request,
): Request {
  if (secret === undefined) return request;
  return {
    ...request,
    grantSession: (caller, proofExpiresAtMs) =>
      tickets.issue(
        secret,
        {
          principal: caller.principal,
          proof: caller.proof,
          registrySequence: registry.sequence(),
          facts: factsOf(caller),
        },
        proofExpiresAtMs,
      ),
    seal: (...reply) => {
      secret.dispose();
      return request.seal(...reply);
    },
  };
}

function openApproved({ approved }: OpenParts, bytes: Uint8Array): Request {
  const message = parseOrRefuse(bytes);
  if (!checkers.executeRequest.check(message)) throw new StrongroomError('request-invalid');
  const { proposal, certificate } = message;
  const { intent, opHash, caller, routing, operation, params, requestHash } = approved.open(certificate);
  if (proposal !== intent.requestId) throw new StrongroomError('approval-invalid', { detail: 'proposal' });
  return {
    requestId: routing.requestId,
    routing,
    operation,
    params,
    requestHash,
    bytes: bytes.length,
    evidence: { kind: 'approval', caller, approval: { intent, opHash, votes: certificate.votes } },
    seal: sealForApprovals,
  };
}

/** The approvals service learns whether it was done, never the result. */
function sealForApprovals(reply: Reply): Uint8Array {
  if (reply.status === 'done') return canonicalBytes({ status: 'done' });
  const code = reply.status === 'refused' ? reply.error.code : 'approval-invalid';
  return canonicalBytes({ status: 'refused', code });
}

/** Nobody can be sure who answers, so the refusal is a hint and nothing more. */
function unopenedFrame({ sealingKeys }: OpenParts, bytes: Uint8Array, fault: unknown): Request {
  const routing = routingIfReadable(bytes);
  return {
    ...unopened(bytes, fault),
    ...(routing === undefined ? {} : { routing, requestId: routing.requestId }),
    seal: (reply) => {
      if (reply.status !== 'refused') throw new TypeError('what was not opened can only be refused');
      const { code, ...told } = reply.error;
      return encodeRefusal(new StrongroomError(code, told), {
        ...(routing === undefined ? {} : { requestId: routing.requestId }),
        ...(code === 'sealing-key-unknown' ? { sealingKeys: sealingKeys() } : {}),
      });
    },
  };
}

function unopenedApproval(bytes: Uint8Array, fault: unknown): Request {
  return { ...unopened(bytes, fault), seal: sealForApprovals };
}

function unopened(bytes: Uint8Array, fault: unknown): Omit<Request, 'seal'> {
  return {
    requestId: newRequestId(),
    routing: undefined,
    operation: '',
    params: {},
    requestHash: createHash('sha256').update(bytes).digest(),
    bytes: bytes.length,
    evidence: { kind: 'none', fault: toStrongroomError(fault) },
  };
}

function routingIfReadable(bytes: Uint8Array): RoutingHeader | undefined {
  try {
    return readRoutingHeader(bytes);
  } catch {
    // The fault that counts is the one that kept the frame from opening.
    return undefined;
  }
}

function parseOrRefuse(bytes: Uint8Array): CanonicalValue {
  try {
    return parseCanonical(bytes);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('message-malformed', { detail: fault.reason });
  }
}
