import type { AuditConditions, AuditFilter, Entry, EntryObject } from '@strongroom/contracts';

/** Whether the entry is one that the filter asks for. */
export function matchesFilter(entry: Entry, { from, to, anyOf, ...common }: AuditFilter): boolean {
  const { at } = entry.placement;
  return (
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    meets(entry, common) &&
    (anyOf === undefined || anyOf.some((conditions) => meets(entry, conditions)))
  );
}

function meets({ body }: Entry, conditions: AuditConditions): boolean {
  const { actor, operation, outcome, requestId, key, secret, cluster, namespace } = conditions;
  return (
    (actor === undefined || isLike(body.actor.id, actor)) &&
    (operation === undefined || isLike(body.operation, operation)) &&
    (outcome === undefined || body.outcome === outcome) &&
    (requestId === undefined || body.requestId === requestId) &&
    (cluster === undefined || body.actor.cluster === cluster) &&
    (namespace === undefined || body.actor.namespace === namespace) &&
    (key === undefined || body.objects.some((object) => isNamed(object, 'key', key))) &&
    (secret === undefined || body.objects.some((object) => isNamed(object, 'secret', secret)))
  );
}

/** `app:*` is every text that begins with `app:`. */
function isLike(text: string, pattern: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

/** `name` as filters have it: `<group>/<name>`. */
export function isNamed(object: EntryObject, kind: 'key' | 'secret', name: string): boolean {
  return object.kind === kind && `${object.group ?? ''}/${object.name ?? ''}` === name;
}
