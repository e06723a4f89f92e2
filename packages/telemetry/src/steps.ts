/**
 * Steps of an operation, told on the channel `strongroom.step` of `node:diagnostics_channel` as `{ name, requestId,
 * operation }`, each right after the step is done. Spans are made from them, and a fault test that is loaded with
 * `--import` can stop the process at one of them, so that the sources need no branch for tests:
 *
 *     subscribe('strongroom.step', ({ name }) => { if (name === 'effect-done') process.kill(process.pid, 'SIGKILL'); });
 *
 * Subscribers run inside of the step, before anything that comes after it. Without one a step costs one comparison.
 */
import { channel } from 'node:diagnostics_channel';

export interface Step {
  readonly name: string;
  readonly requestId?: string | undefined;
  readonly operation?: string | undefined;
}

export const stepChannelName = 'strongroom.step';
const steps = channel(stepChannelName);

export function publishStep(name: string, requestId?: string, operation?: string): void {
  if (steps.hasSubscribers) steps.publish({ name, requestId, operation } satisfies Step);
}
