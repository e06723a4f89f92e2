import type { BindingDescription } from '@strongroom/contracts';
import type { Registry } from '../../ports/registry.ts';
import { listPage } from '../list-page.ts';
import type { CarryOut } from '../use-case.ts';

type Ports = { readonly registry: Pick<Registry, 'read' | 'list'> };

export function makeListBindings({ registry }: Ports): CarryOut<'binding.list'> {
  return async ({ params }) => {
    if (params.principal !== undefined)
      return { result: { bindings: await bindingsOf(registry, params.principal) } };
    const { records, ...next } = await listPage(registry, 'binding', '', params);
    const bindings: BindingDescription[] = [];
    for (const { id, value } of records) {
      const held = await bindingsOf(registry, value.principal);
      bindings.push(...held.filter(({ name }) => name === id));
    }
    return { result: { bindings, ...next } };
  };
}

/** Complete: a principal holds few, in one record. */
async function bindingsOf(
  registry: Pick<Registry, 'read'>,
  principal: string,
): Promise<BindingDescription[]> {
  const record = await registry.read('grants', principal);
  return (record?.value.grants ?? []).map((grant) => ({ ...grant, principal }));
}
