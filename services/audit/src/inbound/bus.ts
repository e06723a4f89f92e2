/** What crypto workers ask of the log. Bad bytes get a coded refusal and no effect. */
import type { Bus, RequestContext } from '@strongroom/bus';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { type Checker, checkers, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { makeAppendEntries } from '../app/append-entries.ts';
import type { makeExportEntries } from '../app/export-entries.ts';
import type { makeQueryEntries } from '../app/query-entries.ts';

export interface InboundBusParts {
  readonly appendEntries: ReturnType<typeof makeAppendEntries>;
  readonly queryEntries: ReturnType<typeof makeQueryEntries>;
  readonly exportEntries: ReturnType<typeof makeExportEntries>;
}

const queue = 'audit';
/** Messages that are verified or wait for a commit; the queue of the writer counts entries besides. */
const appendsInFlightMax = 1_024;
const readsInFlightMax = 16;
/** As large as a record of the bus. */
const requestBytesMax = 2 * 1_048_576;

export async function serveReads(bus: Bus, { queryEntries, exportEntries }: InboundBusParts): Promise<void> {
  await serve(bus, subjects.auditQuery, checkers.auditQueryRequest, readsInFlightMax, queryEntries);
  await serve(bus, subjects.auditExport, checkers.auditExportRequest, readsInFlightMax, exportEntries);
}

export function serveAppends(bus: Bus, { appendEntries }: InboundBusParts) {
  return serve(
    bus,
    subjects.auditAppend,
    checkers.appendRequest,
    appendsInFlightMax,
    (request, { deadlineMs }) => appendEntries(request, deadlineMs),
  );
}

function serve<Request>(
  bus: Bus,
  subject: string,
  checker: Checker<Request>,
  inFlightMax: number,
  handle: (request: Request, context: RequestContext) => Promise<object>,
) {
  return bus.respond(subject, {
    queue,
    inFlightMax,
    handler: async (bytes, context) =>
      canonicalBytes((await handle(readRequest(bytes, checker), context)) as CanonicalValue),
  });
}

/** Throws `message-malformed` or `request-invalid`. */
function readRequest<Request>(bytes: Uint8Array, checker: Checker<Request>): Request {
  let value: unknown;
  try {
    value = parseCanonical(bytes, { bytesMax: requestBytesMax });
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('message-malformed', { cause: fault });
  }
  if (!checker.check(value))
    throw new StrongroomError('request-invalid', { detail: checker.problemOf(value) });
  return value;
}
