/**
 * An operation of the area on many items. Each has its own outcome in the reply; the log has one entry, which names keys and
 * counts and commits to every item by the root of a tree.
 */
import { encodeBytes } from '@strongroom/canonical';
import type {
  BatchReply,
  BatchRequest,
  EntryObject,
  ItemResult,
  OutcomeCount,
  ProtectionLevel,
} from '@strongroom/contracts';
import { itemsRoot } from '@strongroom/sealed';
import type { Caller } from '../../domain/caller.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { CarryOut, UseCase } from '../use-case.ts';
import type { ItemName, ItemRequest } from './item-verb.ts';
import { type ItemSource, type KeyName, keyNameOf } from './prepare-items.ts';
import { type RunTasks, runSteps, type Settled } from './run-steps.ts';

export interface ManyItemsParts {
  readonly hsm: Pick<Hsm, 'random'>;
  readonly runTasks: RunTasks;
}

interface BatchCall<Request> {
  readonly params: BatchRequest<Request>;
  readonly caller: Pick<Caller, 'principal'>;
  readonly may: (group: string) => boolean;
}

type Result = ItemResult<object>;

const seedBytes = 32;

export function makeManyItems<Name extends ItemName>(
  { hsm, runTasks }: ManyItemsParts,
  { prepare, groupsOf }: ItemSource<Name>,
): UseCase<`${Name}-many`> {
  const carryOut = async ({
    params: { items },
    caller: { principal },
    may,
  }: BatchCall<ItemRequest<Name>>) => {
    const results = (await runSteps(runTasks, await prepare(items, { principal, may }))).map(resultOf);
    const seed = await hsm.random(seedBytes);
    const result: BatchReply<object> = {
      results,
      count: results.length,
      outcomes: countOutcomes(results),
      protections: protectionsOf(results),
      root: encodeBytes(itemsRoot(seed, { requests: items, results })),
      seed: encodeBytes(seed),
    };
    return groupsOf === undefined ? { result } : { result, objects: keysUsed(items as never, results) };
  };
  const groups = groupsOf && ((params: BatchRequest<ItemRequest<Name>>) => groupsOf(params.items));
  return {
    carryOut: carryOut as unknown as CarryOut<`${Name}-many`>,
    ...(groups === undefined ? {} : { groupsOf: groups as never }),
  };
}

function resultOf(settled: Settled<object>): Result {
  if (settled.status === 'done') return { status: 'done', ...settled.reply };
  const { code, detail } = settled.error;
  return { status: 'refused', code, ...(detail === undefined ? {} : { detail }) };
}

const outcomeOf = (result: Result): string => (result.status === 'done' ? 'done' : result.code);

function countOutcomes(results: readonly Result[]): readonly OutcomeCount[] {
  const counts = new Map<string, number>();
  for (const result of results) {
    const outcome = outcomeOf(result);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return [...counts].map(([outcome, count]) => ({ outcome, count }));
}

function protectionsOf(results: readonly Result[]): readonly ProtectionLevel[] {
  const shown = results as readonly { readonly protection?: ProtectionLevel }[];
  return [...new Set(shown.flatMap(({ protection }) => protection ?? []))].sort();
}

/** Each key once: with its version where all its items used one, with the code where all were refused for one reason. */
function keysUsed(items: readonly KeyName[], results: readonly Result[]): readonly EntryObject[] {
  const uses = new Map<
    string,
    { readonly key: KeyName; readonly versions: Set<number>; readonly outcomes: Set<string> }
  >();
  for (const [index, item] of items.entries()) {
    const name = keyNameOf(item);
    const use = uses.get(name) ?? { key: item, versions: new Set(), outcomes: new Set() };
    uses.set(name, use);
    const result = results[index] as Result & { readonly version?: number };
    use.outcomes.add(outcomeOf(result));
    if (result.version !== undefined) use.versions.add(result.version);
  }
  return [...uses.values()].map(({ key: { group, key: name }, versions, outcomes }) => {
    const [version, ...otherVersions] = versions;
    const [outcome, ...otherOutcomes] = outcomes;
    return {
      kind: 'key',
      group,
      name,
      ...(version === undefined || otherVersions.length > 0 ? {} : { version }),
      ...(outcome === undefined || outcome === 'done' || otherOutcomes.length > 0 ? {} : { code: outcome }),
    };
  });
}
