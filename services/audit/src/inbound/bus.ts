/** What crypto workers ask of the log. */
import type { Bus } from '@strongroom/bus';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { type AppendReply, type Checker, checkers, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { AdmittedAppend, makeAdmitAppend } from '../app/admit-append.ts';
import type { makeExportLog } from '../app/export-log.ts';
import type { makeQueryLog } from '../app/query-log.ts';

export interface InboundBusParts {
  readonly admitAppend: ReturnType<typeof makeAdmitAppend>;
  readonly append: (append: AdmittedAppend) => Promise<AppendReply>;
  readonly queryLog: ReturnType<typeof makeQueryLog>;
  readonly exportLog: ReturnType<typeof makeExportLog>;
}

/** Every writer process listens; the fenced one refuses, so that a takeover needs no reconfiguration. */
const queue = 'audit';
const appendsInFlightMax = 4_096;
const readsInFlightMax = 16;
const appendBytesMax = 4 * 1_048_576;

export async function serveBus(bus: Bus, parts: InboundBusParts): Promise<void> {
  const serve = async <Request>(
    subject: string,
    checker: Checker<Request>,
    inFlightMax: number,
    handle: (request: Request) => Promise<object>,
  ): Promise<void> => {
    await bus.respond(subject, {
      queue,
      inFlightMax,
      handler: async (bytes) => canonicalBytes((await handle(readRequest(bytes, checker))) as CanonicalValue),
    });
  };
  await serve(subjects.auditAppend, checkers.appendRequest, appendsInFlightMax, async (request) =>
    parts.append(parts.admitAppend(request)),
  );
  await serve(subjects.auditQuery, checkers.auditQueryRequest, readsInFlightMax, parts.queryLog);
  await serve(subjects.auditExport, checkers.auditExportRequest, readsInFlightMax, parts.exportLog);
}

/** Throws `message-malformed` or `request-invalid`. */
export function readRequest<Request>(bytes: Uint8Array, checker: Checker<Request>): Request {
  let value: unknown;
  try {
    value = parseCanonical(bytes, { bytesMax: appendBytesMax });
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('message-malformed', { cause: fault });
  }
  if (!checker.check(value))
    throw new StrongroomError('request-invalid', { detail: checker.problemOf(value) });
  return value;
}
