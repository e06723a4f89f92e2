import { type ErrorCode, type ErrorDescriptor, errorCatalogue, isErrorCode } from './catalogue.ts';

/** Two copies of this package in one process still recognise each other's errors by this brand. */
const brand: unique symbol = Symbol.for('strongroom.error') as never;

export interface StrongroomErrorOptions {
  /**
   * What may leave the process beside the catalogue's message: names of fields, limits, ids. Never a value that a
   * caller sent, never text from a lower layer.
   */
  readonly detail?: string;
  /** Stays in the process. */
  readonly cause?: unknown;
  /** Milliseconds after which a repetition makes sense; only with `retry: after-delay`. */
  readonly retryAfterMs?: number;
}

/** The one error class. `message` and `detail` may leave the process, `cause` never does. */
export class StrongroomError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, options: StrongroomErrorOptions = {}) {
    super(errorCatalogue[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StrongroomError';
    this.code = code;
    this.detail = options.detail;
    this.retryAfterMs = options.retryAfterMs;
    Object.defineProperty(this, brand, { value: true });
  }

  get descriptor(): ErrorDescriptor {
    return errorCatalogue[this.code];
  }
}

export function isStrongroomError(value: unknown): value is StrongroomError {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Record<symbol, unknown>)[brand] === true &&
    isErrorCode((value as { code?: unknown }).code)
  );
}

/** What a fault looks like to a caller: a coded error is kept, anything else becomes `internal`. */
export function toStrongroomError(fault: unknown): StrongroomError {
  return isStrongroomError(fault) ? fault : new StrongroomError('internal', { cause: fault });
}
