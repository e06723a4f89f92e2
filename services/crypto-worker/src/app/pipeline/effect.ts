/** Step 6. The use case does its work in the HSM and says what is to become of the records; nothing is committed yet. */
import type { OperationName } from '@strongroom/contracts';
import type { Clock } from '../../ports/clock.ts';
import type { PublishStep } from '../../ports/steps.ts';
import { makeCall } from '../make-call.ts';
import type { Effect, UseCase, UseCases } from '../use-case.ts';
import type { Permit } from './passage.ts';

export interface EffectParts {
  readonly useCases: UseCases;
  readonly clock: Clock;
  readonly publish: PublishStep;
}

export function makeEffect({ useCases, clock, publish }: EffectParts): (permit: Permit) => Promise<Effect> {
  return async (permit) => {
    const { row, request } = permit;
    const useCase = useCases[row.name] as UseCase<OperationName>;
    const effect = await useCase.carryOut(makeCall(permit, clock));
    // What its row calls harmless must not change a record: there would be no intent and no idempotence.
    if (!row.mutates && (effect.changes !== undefined || effect.events !== undefined))
      throw new TypeError(`${row.name} changes records and its row says that it does not`);
    publish('effect-done', request.requestId, row.name);
    return effect;
  };
}
