import type { OperationRequest } from '@strongroom/contracts';
import { describeKey } from '../../domain/key.ts';
import type { KeyRecord } from '../../domain/record.ts';
import type { Registry } from '../../ports/registry.ts';
import { listPage } from '../list-page.ts';
import type { CarryOut } from '../use-case.ts';

/**
 * A filter looks at as many records as a page may have and shows those that fit: a page costs the same whatever is asked for,
 * and the cursor goes on where it stopped looking.
 */
export function makeListKeys({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'key.list'> {
  return async ({ params }) => {
    const { records, ...next } = await listPage(registry, 'key', `${params.group}/`, params);
    const keys = records
      .filter(({ value }) => isWanted(value, params))
      .map(({ value }) => describeKey(value));
    return { result: { keys, ...next } };
  };
}

type Filter = Pick<OperationRequest<'key.list'>, 'purpose' | 'type' | 'state' | 'label'>;

function isWanted(key: KeyRecord, { purpose, type, state, label }: Filter): boolean {
  return (
    (purpose === undefined || key.purpose === purpose) &&
    (type === undefined || key.type === type) &&
    (state === undefined || key.state === state) &&
    (label === undefined || hasLabel(key, label))
  );
}

function hasLabel({ labels }: KeyRecord, { name, text }: NonNullable<Filter['label']>): boolean {
  return Object.hasOwn(labels, name) && (text === undefined || labels[name] === text);
}
