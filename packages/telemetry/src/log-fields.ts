/**
 * The closed list of what a log line may hold. Nobody logs a message, a body, a command or a configuration: a field
 * that is not here is dropped and counted, whatever its value is. `service`, `event`, `level` and `time` are not here
 * either: the line has them already, and JSON with a name twice can be read both ways.
 */
import type { ErrorCode } from '@strongroom/errors';

interface Fields {
  attempt: number;
  bytes: number;
  code: ErrorCode;
  component: string;
  count: number;
  delayMs: number;
  durationMs: number;
  entry: number;
  epoch: number;
  file: string;
  index: number;
  object: string;
  operation: string;
  outcome: string;
  peer: string;
  pid: number;
  pool: string;
  port: number;
  principal: string;
  proposal: string;
  reason: string;
  requestId: string;
  sequence: number;
  signal: string;
  size: number;
  state: string;
  subject: string;
  task: string;
  version: string;
  worker: string;
}

export type LogFields = { readonly [Name in keyof Fields]?: Fields[Name] | undefined };

type Kind = 'number' | 'string';
/** The same list at run time; the compiler keeps the two equal. */
export const logFieldKinds: {
  readonly [Name in keyof Fields]: Fields[Name] extends number ? 'number' : 'string';
} & Readonly<Record<string, Kind>> = Object.freeze({
  attempt: 'number',
  bytes: 'number',
  code: 'string',
  component: 'string',
  count: 'number',
  delayMs: 'number',
  durationMs: 'number',
  entry: 'number',
  epoch: 'number',
  file: 'string',
  index: 'number',
  object: 'string',
  operation: 'string',
  outcome: 'string',
  peer: 'string',
  pid: 'number',
  pool: 'string',
  port: 'number',
  principal: 'string',
  proposal: 'string',
  reason: 'string',
  requestId: 'string',
  sequence: 'number',
  signal: 'string',
  size: 'number',
  state: 'string',
  subject: 'string',
  task: 'string',
  version: 'string',
  worker: 'string',
} as const);
