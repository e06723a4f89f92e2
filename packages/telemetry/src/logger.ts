/**
 * JSON log lines with an allow-list of fields. A fault is logged as its code, its class and where it was thrown; the
 * message of a foreign error is left out, because drivers put values into theirs.
 */
import { outlineFault } from '@strongroom/errors';
import pino from 'pino';
import { type LogFields, logFieldKinds } from './log-fields.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** `event` is a name that stands in the source, such as `outbox-waits`; it is never put together from values. */
export interface Logger {
  trace(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields, fault?: unknown): void;
  warn(event: string, fields?: LogFields, fault?: unknown): void;
  error(event: string, fields?: LogFields, fault?: unknown): void;
  /** Fields and event names that were dropped since the start. */
  droppedFields(): number;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  readonly destination?: { write(line: string): void };
}

const textMax = 1_000;
const eventPattern = /^[a-z][a-z0-9-]{0,63}$/;
const hasOwn = Object.prototype.hasOwnProperty;

export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const options = { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' };
  const sink = destination === undefined ? pino(options) : pino(options, destination);
  let dropped = 0;

  const pick = (fields: LogFields | undefined): Record<string, string | number> => {
    const picked: Record<string, string | number> = {};
    for (const name in fields) {
      const value: unknown = fields[name as keyof LogFields];
      if (value === undefined) continue;
      // The type is checked too: an object or a Buffer in a permitted field would print itself.
      if (hasOwn.call(logFieldKinds, name) && typeof value === logFieldKinds[name]) {
        picked[name] = typeof value === 'string' ? value.slice(0, textMax) : (value as number);
      } else {
        dropped += 1;
      }
    }
    return picked;
  };

  const nameOf = (event: string): string => {
    if (eventPattern.test(event)) return event;
    dropped += 1;
    return 'unnamed-event';
  };

  /** A line must not end what it tells about: what cannot even be read is dropped and counted. */
  const describe = (fields: LogFields | undefined, fault: unknown): object => {
    try {
      const picked = pick(fields);
      return fault === undefined ? picked : { ...picked, fault: outlineFault(fault) };
    } catch {
      dropped += 1;
      return {};
    }
  };

  const write =
    (method: LogLevel) =>
    (event: string, fields?: LogFields, fault?: unknown): void => {
      if (sink.isLevelEnabled(method)) sink[method](describe(fields, fault), nameOf(event));
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
