/** Problem details (RFC 9457) with the stable code. The only place where a code becomes an HTTP status. */

import type { ErrorCode } from '@strongroom/errors';
import { errorCatalogue, StrongroomError, toStrongroomError } from '@strongroom/errors';
import type { FastifyReply } from 'fastify';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly requestId: string;
  readonly retry: string;
  readonly outcome: string;
}

function toProblem(error: StrongroomError, requestId: string): Problem {
  const row = errorCatalogue[error.code];
  return {
    type: `urn:strongroom:error:${error.code}`,
    title: row.message,
    status: row.http,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    requestId,
    retry: row.retry,
    outcome: row.outcome,
  };
}

/** Status codes that the framework itself raises before a handler runs, by what they mean here. */
const frameworkCodes: Readonly<Record<number, ErrorCode>> = {
  400: 'request-invalid',
  404: 'operation-unknown',
  405: 'operation-unknown',
  408: 'deadline-exceeded',
  413: 'message-too-large',
  414: 'message-too-large',
  415: 'media-type-unsupported',
  431: 'message-too-large',
};

export function fromFrameworkError(fault: unknown): StrongroomError {
  const status = (fault as { statusCode?: unknown }).statusCode;
  const code = typeof status === 'number' ? frameworkCodes[status] : undefined;
  return code === undefined ? toStrongroomError(fault) : new StrongroomError(code, { cause: fault });
}

export function sendProblem(reply: FastifyReply, error: StrongroomError, requestId: string): FastifyReply {
  const row = errorCatalogue[error.code];
  if (row.retry === 'after-delay') {
    reply.header('retry-after', String(Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000))));
  }
  // As bytes: the framework would add a charset, which RFC 9457 section 3 does not have.
  const body = Buffer.from(JSON.stringify(toProblem(error, requestId)));
  return reply.code(row.http).type('application/problem+json').send(body);
}
