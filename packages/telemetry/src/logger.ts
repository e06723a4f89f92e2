/**
 * JSON log lines with an allow-list of fields. A fault is logged as its code, its class and where it was thrown; the
 * message of a foreign error is left out, because drivers put values into theirs.
 */
import { isStrongroomError } from '@strongroom/errors';
import pino from 'pino';
import { type LogFields, logFieldKinds } from './log-fields.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface Logger {
  trace(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields, fault?: unknown): void;
  warn(event: string, fields?: LogFields, fault?: unknown): void;
  error(event: string, fields?: LogFields, fault?: unknown): void;
  /** Fields that were dropped since the start. */
  droppedFields(): number;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  readonly destination?: { write(line: string): void };
}

const textMax = 1_000;
const stackLinesMax = 12;

export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const options = { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' };
  const sink = destination === undefined ? pino(options) : pino(options, destination);
  let dropped = 0;

  const pick = (fields: LogFields | undefined): Record<string, string | number> => {
    const picked: Record<string, string | number> = {};
    for (const [name, value] of Object.entries(fields ?? {})) {
      if (value === undefined) continue;
      // The type is checked too: an object or a Buffer in a permitted field would print itself.
      if (Object.hasOwn(logFieldKinds, name) && typeof value === logFieldKinds[name]) {
        picked[name] = typeof value === 'string' ? value.slice(0, textMax) : (value as number);
      } else {
        dropped += 1;
      }
    }
    return picked;
  };

  const write =
    (method: LogLevel) =>
    (event: string, fields?: LogFields, fault?: unknown): void => {
      sink[method](
        fault === undefined ? pick(fields) : { ...pick(fields), fault: describeFault(fault) },
        event,
      );
    };

  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    droppedFields: () => dropped,
  };
}

interface FaultDescription {
  readonly code?: string;
  readonly class?: string;
  readonly detail?: string;
  readonly at?: readonly string[];
  readonly cause?: FaultDescription;
}

const codePattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Never the message of a foreign error; of ours only the catalogue's text by its code, and the safe detail. */
export function describeFault(fault: unknown, depth = 0): FaultDescription {
  if (!(fault instanceof Error)) return { class: typeof fault };
  const { code } = fault as { code?: unknown };
  const at = (fault.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, stackLinesMax)
    .map((line) => line.trim());
  return {
    class: fault.constructor.name,
    ...(typeof code === 'string' && codePattern.test(code) ? { code } : {}),
    ...(isStrongroomError(fault) && fault.detail !== undefined ? { detail: fault.detail } : {}),
    at,
    ...(fault.cause === undefined || depth >= 2 ? {} : { cause: describeFault(fault.cause, depth + 1) }),
  };
}
