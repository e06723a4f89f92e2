/**
 * The heart of the platform: the way of every operation, whatever it is and however it came. An operation has no other
 * way to an effect, and no result has another way out.
 *
 * What differs between operations comes from their row in the catalogue and their use case. What arrives and can not be
 * opened takes the same way and is refused at `prove`; an approved operation takes it again, with its certificate as
 * evidence. Whatever a step refuses becomes an outcome like any other: logged, then answered.
 */
import type { Caller } from '../domain/caller.ts';
import type {
  Answer,
  Arrival,
  Clearance,
  Intent,
  Outcome,
  Pending,
  Permit,
  Reached,
  Request,
} from './pipeline/passage.ts';
import type { Effect } from './use-case.ts';

export interface PipelineSteps {
  /** Frame or certificate → operation object. Never throws. */
  open(arrival: Arrival): Promise<Request>;
  /** Who asks: verified here, from what the worker itself can check (I3). */
  prove(request: Request): Promise<Caller>;
  /** Whether the operation is well formed, in time, and granted to the caller. */
  authorise(request: Request, caller: Caller): Promise<Permit>;
  /** The first outcome of the same request, where it was carried out before. */
  recall(permit: Permit): Promise<Outcome | undefined>;
  /** Whether others must agree, and whether they have: every vote verified (I6). */
  quorum(permit: Permit): Promise<Clearance | Pending>;
  /** In the log and in the registry, before anything changes (I5). Nothing for what changes nothing. */
  intent(permit: Permit, clearance: Clearance): Promise<Intent | undefined>;
  /** The use case. */
  effect(permit: Permit): Promise<Effect>;
  /** Changes, reply and entry become durable together. */
  outcome(permit: Permit, clearance: Clearance, intent: Intent | undefined, effect: Effect): Promise<Outcome>;
  /** The outcome of what a step refused. Never throws. */
  refuse(request: Request, reached: Reached, fault: unknown): Promise<Outcome>;
  /** In the log, with a receipt that was checked; else only the refusal leaves (I4). Never throws. */
  receipt(request: Request, outcome: Outcome): Promise<Answer>;
  /** For the eyes of the caller alone (I2). */
  seal(request: Request, caller: Caller | undefined, answer: Answer): Uint8Array;
}

export type HandleOperation = (arrival: Arrival) => Promise<Uint8Array>;

export function makeHandleOperation(steps: PipelineSteps): HandleOperation {
  return async (arrival) => {
    const reached: Reached = {};
    const request = await steps.open(arrival);
    const outcome = await settle(request, reached);
    const answer = await steps.receipt(request, outcome);
    return steps.seal(request, reached.caller, answer);
  };

  async function settle(request: Request, reached: Reached): Promise<Outcome> {
    try {
      const caller = await steps.prove(request);
      reached.caller = caller;
      const permit = await steps.authorise(request, caller);
      const first = await steps.recall(permit);
      if (first !== undefined) return first;
      const clearance = await steps.quorum(permit);
      if (clearance.status === 'pending') return clearance.outcome;
      reached.clearance = clearance;
      const intent = await steps.intent(permit, clearance);
      if (intent !== undefined) reached.intent = intent;
      const effect = await steps.effect(permit);
      return await steps.outcome(permit, clearance, intent, effect);
    } catch (fault) {
      return steps.refuse(request, reached, fault);
    }
  }
}
