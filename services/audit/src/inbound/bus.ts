/** What crypto workers ask of the log. Bad bytes get a coded refusal and no effect. */
import type { Bus, RequestContext, ResponderHandle } from '@strongroom/bus';
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  parseCanonical,
  parseJson,
} from '@strongroom/canonical';
import { type AppendRequest, type Checker, checkers, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { makeAppendEntries } from '../app/append-entries.ts';
import type { makeCountEntries } from '../app/count-entries.ts';
import type { makeExportEntries } from '../app/export-entries.ts';
import type { makePlanRetention } from '../app/plan-retention.ts';
import type { makeQueryEntries } from '../app/query-entries.ts';

export interface InboundBusParts {
  readonly appendEntries: ReturnType<typeof makeAppendEntries>;
  readonly queryEntries: ReturnType<typeof makeQueryEntries>;
  readonly countEntries: ReturnType<typeof makeCountEntries>;
  readonly exportEntries: ReturnType<typeof makeExportEntries>;
  readonly planRetention: ReturnType<typeof makePlanRetention>;
}

/**
 * No queue group: only the writer listens. In a group a writer that hangs would go on to get its share of what is asked
 * until the bus server gives it up, minutes after another one took over.
 */
const queue = null;
/** Messages that are verified or wait for a commit; the queue of the writer counts entries besides. */
const appendsInFlightMax = 1_024;
const readsInFlightMax = 16;
const signEveryMs = 40;
/** As large as a record of the bus. */
const requestBytesMax = 2 * 1_048_576;

export async function serveReads(bus: Bus, parts: InboundBusParts): Promise<Pick<ResponderHandle, 'drain'>> {
  const { queryEntries, countEntries, exportEntries, planRetention } = parts;
  const query = (bytes: Uint8Array) => readRequest(bytes, checkers.auditQueryRequest);
  const count = (bytes: Uint8Array) => readRequest(bytes, checkers.auditCountRequest);
  const exportOf = (bytes: Uint8Array) => readRequest(bytes, checkers.auditExportRequest);
  const plan = (bytes: Uint8Array) => readRequest(bytes, checkers.retentionPlanRequest);
  const handles = await Promise.all([
    serve(bus, subjects.auditQuery, query, readsInFlightMax, queryEntries),
    serve(bus, subjects.auditCount, count, readsInFlightMax, countEntries),
    serve(bus, subjects.auditExport, exportOf, readsInFlightMax, exportEntries),
    serve(bus, subjects.auditRetention, plan, readsInFlightMax, planRetention),
  ]);
  return {
    async drain() {
      await Promise.all(handles.map((handle) => handle.drain()));
    },
  };
}

/** Workers wait for a log that is busy, and not for one that is silent. */
export function serveAppends(
  bus: Bus,
  { appendEntries }: InboundBusParts,
  isMoving: () => boolean,
): Promise<ResponderHandle> {
  return bus.respond(subjects.auditAppend, {
    queue,
    inFlightMax: appendsInFlightMax,
    signs: { everyMs: signEveryMs, isMoving },
    handler: async (bytes, { deadlineMs }) =>
      canonicalBytes((await appendEntries(readAppend(bytes), deadlineMs)) as unknown as CanonicalValue),
  });
}

function serve<Request>(
  bus: Bus,
  subject: string,
  read: (bytes: Uint8Array) => Request,
  inFlightMax: number,
  handle: (request: Request, context: RequestContext) => Promise<object>,
) {
  return bus.respond(subject, {
    queue,
    inFlightMax,
    handler: async (bytes, context) => canonicalBytes((await handle(read(bytes), context)) as CanonicalValue),
  });
}

/** Throws `message-malformed` or `request-invalid`. */
function readRequest<Request>(bytes: Uint8Array, checker: Checker<Request>): Request {
  return checked(
    orMalformed(() => parseCanonical(bytes, { bytesMax: requestBytesMax })),
    checker,
  );
}

/**
 * Any JSON will do: what is signed are the canonical forms of the bodies, which are made from what was parsed. To have made
 * them twice was a tenth of the work on an entry.
 */
function readAppend(bytes: Uint8Array): AppendRequest {
  return checked(
    orMalformed(() => parseJson(bytes, { bytesMax: requestBytesMax })),
    checkers.appendRequest,
  );
}

function orMalformed(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('message-malformed', { cause: fault });
  }
}

function checked<Request>(value: unknown, checker: Checker<Request>): Request {
  if (checker.check(value)) return value;
  throw new StrongroomError('request-invalid', { detail: checker.problemOf(value) });
}
