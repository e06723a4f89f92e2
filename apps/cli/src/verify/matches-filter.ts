import type { AuditFilter, Entry, EntryObject } from '@strongroom/contracts';

/** Whether the entry is one that the filter asks for. */
export function matchesFilter({ body, placement }: Entry, filter: AuditFilter): boolean {
  const { from, to, actor, operation, outcome, requestId, key, secret } = filter;
  return (
    (from === undefined || placement.at >= from) &&
    (to === undefined || placement.at < to) &&
    (actor === undefined || body.actor.id === actor) &&
    (operation === undefined || body.operation === operation) &&
    (outcome === undefined || body.outcome === outcome) &&
    (requestId === undefined || body.requestId === requestId) &&
    (key === undefined || body.objects.some((object) => isNamed(object, 'key', key))) &&
    (secret === undefined || body.objects.some((object) => isNamed(object, 'secret', secret)))
  );
}

/** `name` as filters have it: `<group>/<name>`. */
export function isNamed(object: EntryObject, kind: 'key' | 'secret', name: string): boolean {
  return object.kind === kind && `${object.group ?? ''}/${object.name ?? ''}` === name;
}
