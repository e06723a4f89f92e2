/** An operation of the area on one item. */
import type { Caller } from '../../domain/caller.ts';
import type { CarryOut, UseCase } from '../use-case.ts';
import type { ItemName, ItemRequest } from './item-verb.ts';
import type { ItemSource } from './prepare-items.ts';
import { type RunTasks, runSteps } from './run-steps.ts';

interface OneItemCall<Request> {
  readonly params: Request;
  readonly caller: Pick<Caller, 'principal'>;
}

export function makeOneItem<Name extends ItemName>(
  runTasks: RunTasks,
  source: ItemSource<Name>,
): UseCase<Name> {
  const carryOut = async ({ params, caller: { principal } }: OneItemCall<ItemRequest<Name>>) => {
    // The one group that the item can name is the one that `authorise` decided on.
    const [settled] = await runSteps(
      runTasks,
      await source.prepare([params], { principal, may: () => true }),
    );
    if (settled?.status !== 'done') throw settled?.error;
    const { reply } = settled;
    return 'version' in reply ? { result: reply, version: reply.version } : { result: reply };
  };
  return { carryOut: carryOut as unknown as CarryOut<Name> };
}
