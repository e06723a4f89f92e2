/**
 * Many tasks as one job. Each is what the single call is; what is saved is everything around it. A task's own refusal is
 * its outcome, whatever concerns the device is thrown and concerns all.
 */
import { type ErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { HsmTask, HsmTaskOutcome } from '../../ports/hsm-key.ts';
import { asFault } from './fault.ts';
import type { TokenConnection } from './token-connection.ts';
import { type QuickTask, runQuickTask, runTask } from './token-task.ts';

const tasksMax = 512;

export function requireJob(tasks: readonly unknown[]): void {
  if (tasks.length >= 1 && tasks.length <= tasksMax) return;
  throw new StrongroomError('request-invalid', { detail: 'tasks of a job' });
}

/** Lets no other work of this thread in between. */
export function runQuickJob(connection: TokenConnection, tasks: readonly QuickTask[]): HsmTaskOutcome[] {
  return tasks.map((task) => {
    try {
      return done(runQuickTask(connection, task));
    } catch (error) {
      if (asFault(error)?.action !== 'retry') return outcomeOf(error);
    }
    try {
      return done(runQuickTask(connection, task));
    } catch (error) {
      return outcomeOf(error);
    }
  });
}

export async function runJob(
  connection: TokenConnection,
  tasks: readonly HsmTask[],
): Promise<HsmTaskOutcome[]> {
  const outcomes: HsmTaskOutcome[] = [];
  for (const task of tasks) outcomes.push(await settle(connection, task));
  return outcomes;
}

async function settle(connection: TokenConnection, task: HsmTask): Promise<HsmTaskOutcome> {
  try {
    return done(await runTask(connection, task));
  } catch (error) {
    if (asFault(error)?.action !== 'retry') return outcomeOf(error);
  }
  try {
    return done(await runTask(connection, task));
  } catch (error) {
    return outcomeOf(error);
  }
}

const done = (bytes: Uint8Array): HsmTaskOutcome => ({ status: 'done', bytes });

/** Throws what is not of this task alone. */
function outcomeOf(error: unknown): HsmTaskOutcome {
  const fault = asFault(error);
  if (fault?.action === 'refuse') {
    const { code, name } = fault.returnCode;
    return { status: 'refused', code, detail: name };
  }
  if (!isStrongroomError(error) || concernsAll.has(error.code)) throw error;
  const { code, detail } = error;
  return { status: 'refused', code, ...(detail === undefined ? {} : { detail }) };
}

/** A mechanism that the token lacks is not among them: of a job of several kinds it refuses those that need it. */
const concernsAll: ReadonlySet<ErrorCode> = new Set(['hsm-unavailable', 'overloaded']);
