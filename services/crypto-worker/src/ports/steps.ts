import type { ErrorCode } from '@strongroom/errors';

/** Told after each step of an operation, so that traces can be made of them and fault tests can stop the process there. */
export type PublishStep = (name: StepName, requestId: string, operation?: string) => void;

export type StepName =
  | 'opened'
  | 'proved'
  | 'authorised'
  | 'quorum-checked'
  | 'intent-opened'
  | 'intent-appended'
  | 'effect-done'
  | 'committed'
  | 'outcome-appended'
  | 'sealed';

/** What an operator should hear of and no caller can be told. Never throws. */
export type Report = (
  event: string,
  fields: {
    readonly requestId?: string;
    readonly operation?: string;
    readonly code?: ErrorCode;
    readonly count?: number;
    readonly epoch?: number;
    readonly object?: string;
    readonly reason?: string;
    readonly error?: unknown;
  },
) => void;
