/**
 * Whether a fault of the driver says "the database cannot be used now" as against "this statement is wrong". Only the
 * former is the caller's business.
 */
import { isStrongroomError, StrongroomError } from '@strongroom/errors';

/** SQLSTATE classes and codes (PostgreSQL appendix A). */
const unavailableStates = [
  /^08/, // connection exception
  /^53/, // insufficient resources: disk full, out of memory, too many connections
  /^57P0[1-5]$/, // shut down, crash, starting up, database dropped, idle session
  /^57014$/, // cancelled by the statement time-out
  /^25P03$/, // idle in a transaction for too long: this process stood still
  /^58/, // system error: I/O
  /^55P03$/, // lock not available
  /^25006$/, // read-only: a standby after a failover
];
const unavailableErrnos = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
]);
/** Faults that the driver raises without any code. */
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed) and is not queryable|Cannot use a pool after calling end|driver has already been destroyed|Query read timeout)/;

export function isUnavailable(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  const { code } = fault as { code?: unknown };
  if (typeof code === 'string')
    return unavailableErrnos.has(code) || unavailableStates.some((state) => state.test(code));
  return (
    driverMessages.test(fault.message) ||
    (fault instanceof AggregateError && fault.errors.some(isUnavailable))
  );
}

const retryAfterMs = 1_000;

/** Runs work on the database; what means "not now" becomes `database-unavailable`, everything else passes. */
export async function withDatabase<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    if (!isStrongroomError(fault) && isUnavailable(fault)) {
      throw new StrongroomError('database-unavailable', { cause: fault, retryAfterMs });
    }
    throw fault;
  }
}
