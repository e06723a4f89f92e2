/**
 * What may be told of any fault to an operator: class, code and place, through its causes. Never the message of a
 * foreign error, because drivers and parsers put values into theirs; of ours the safe detail.
 */
import { isStrongroomError } from './strongroom-error.ts';

export interface FaultOutline {
  readonly class: string;
  readonly code?: string;
  readonly detail?: string;
  /** Frames of the stack: functions, files and lines. */
  readonly at?: readonly string[];
  readonly cause?: FaultOutline;
  /** Of an `AggregateError`, the first of them. */
  readonly errors?: readonly FaultOutline[];
}

const framesMax = 12;
const depthMax = 3;
const errorsMax = 3;
const namePattern = /^[A-Za-z_$][A-Za-z0-9_$.-]{0,63}$/;
const framePattern =
  /^ {4}at (?:[^()\n]{1,200} \()?(?:file:\/\/|node:|\/|[A-Za-z]:\\)[^()\n]{1,300}:\d+:\d+\)?$/;

export function outlineFault(fault: unknown, depth = 0): FaultOutline {
  if (!(fault instanceof Error)) return { class: fault === null ? 'null' : typeof fault };
  const { code } = fault as { code?: unknown };
  const outline: FaultOutline = {
    class: nameOf(fault),
    ...(typeof code === 'string' && namePattern.test(code) ? { code } : {}),
    ...(isStrongroomError(fault) && fault.detail !== undefined ? { detail: fault.detail } : {}),
    at: framesOf(fault),
  };
  if (depth >= depthMax) return outline;
  return {
    ...outline,
    ...(fault.cause === undefined ? {} : { cause: outlineFault(fault.cause, depth + 1) }),
    ...(fault instanceof AggregateError
      ? { errors: fault.errors.slice(0, errorsMax).map((error) => outlineFault(error, depth + 1)) }
      : {}),
  };
}

/** The name of the class; anybody can write into `name`. */
function nameOf(fault: Error): string {
  const name: unknown = fault.constructor?.name;
  return typeof name === 'string' && namePattern.test(name) ? name : 'Error';
}

/** A message may have lines that look like frames, so it is taken off the stack first. */
function framesOf(fault: Error): string[] {
  const { stack, message } = fault;
  if (typeof stack !== 'string') return [];
  const at = typeof message === 'string' && message !== '' ? stack.indexOf(message) : -1;
  const frames = at < 0 ? stack : stack.slice(at + message.length);
  return frames
    .split('\n')
    .filter((line) => framePattern.test(line))
    .slice(0, framesMax)
    .map((line) => line.trim());
}
