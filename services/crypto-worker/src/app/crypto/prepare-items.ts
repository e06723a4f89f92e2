/**
 * From what was asked of each item to its first step. The key comes first: it is authorised, found and judged once, however
 * many items name it, and what is refused of it is refused for each of them.
 */
import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { UseKey } from '../key/use-key.ts';
import type { ItemName, ItemReply, ItemRequest, ItemVerb } from './item-verb.ts';
import type { Step } from './key-task.ts';
import { refusalOf } from './run-steps.ts';

/** Where the items of an operation come from. */
export interface ItemSource<Name extends ItemName> {
  /** Absent for items without a key. */
  readonly groupsOf?: (items: readonly ItemRequest<Name>[]) => readonly string[];
  /** One start for each item, in order. A start throws the refusal of its item. */
  readonly prepare: (
    items: readonly ItemRequest<Name>[],
    asker: Asker,
  ) => Promise<readonly (() => Step<ItemReply<Name>>)[]>;
}

/** Who asks, and for which groups it may. */
export interface Asker {
  readonly principal: string;
  readonly may: (group: string) => boolean;
}

export interface KeyPorts {
  readonly tenant: string;
  readonly useKey: UseKey;
  readonly registry: Pick<Registry, 'read'>;
}

export interface KeyName {
  readonly group: string;
  readonly key: string;
}

export const keyNameOf = ({ group, key }: KeyName): string => `${group}/${key}`;

/** The objects that an entry can name. */
const keysMax = 64;

export function keyedItems<Name extends ItemName>(ports: KeyPorts, verb: ItemVerb<Name>): ItemSource<Name> {
  return {
    groupsOf: (items) => [...new Set((items as readonly KeyName[]).map(({ group }) => group))],
    async prepare(items, asker) {
      const starters = new Map<string, ReturnType<ItemVerb<Name>>>();
      for (const item of items as readonly KeyName[]) {
        const name = keyNameOf(item);
        if (starters.has(name)) continue;
        if (starters.size === keysMax)
          throw new StrongroomError('request-invalid', { detail: `/items: more than ${keysMax} keys` });
        starters.set(name, await starterOf(ports, verb, item, asker));
      }
      return items.map((item) => {
        const start = starters.get(keyNameOf(item as KeyName)) as ReturnType<ItemVerb<Name>>;
        return () => start(item);
      });
    },
  };
}

async function starterOf<Name extends ItemName>(
  { tenant, registry, useKey }: KeyPorts,
  verb: ItemVerb<Name>,
  item: KeyName,
  { principal, may }: Asker,
): Promise<ReturnType<ItemVerb<Name>>> {
  try {
    if (!may(item.group)) throw new StrongroomError('denied');
    const { value: record } = await findRecord(registry, 'key', keyNameOf(item));
    return verb({ tenant, record, use: (asked) => useKey(record, { ...asked, principal }) });
  } catch (fault) {
    const { error } = refusalOf(fault);
    return () => {
      throw error;
    };
  }
}

/** For a verb that needs no key. */
export function keylessItems<Name extends ItemName>(
  start: (item: ItemRequest<Name>) => Step<ItemReply<Name>>,
): ItemSource<Name> {
  return { prepare: async (items) => items.map((item) => () => start(item)) };
}
