/**
 * What must be true after anything that can go wrong: of the log, the registry and the token together. Independent of how
 * the pipeline works; it looks only at what is left.
 */
import assert from 'node:assert/strict';
import { parseCanonical } from '@strongroom/canonical';
import type { EntryBody } from '@strongroom/contracts';
import type { Deployment } from './deployment.ts';

const idOf = ({ actor, requestId }: EntryBody) => `${actor.id} ${requestId}`;

export async function assertNothingIsLeftOpen({ auditLog, registry, hsm }: Deployment): Promise<void> {
  const { entries } = auditLog;
  assert.deepEqual(await registry.listIntents(), [], 'no intent is open');
  const outcomes = new Map(
    entries.filter(({ phase }) => phase === 'outcome').map((entry) => [idOf(entry), entry]),
  );
  for (const entry of entries) {
    if (entry.phase === 'intent' && entry.outcome === 'intended')
      assert.ok(
        outcomes.has(idOf(entry)),
        `intent without an outcome: ${entry.operation} ${entry.requestId}`,
      );
  }
  const intended = new Set(
    entries.filter(({ phase }) => phase === 'intent').map(({ requestId }) => requestId),
  );
  const accounted = new Set(entries.flatMap(orphansOf));
  const used = new Map<string, string>();
  for (const { value } of await registry.list('key', { prefix: '', limit: 1_000 }))
    for (const { material } of value.versions)
      if (material.kind === 'token') used.set(material.label, value.name);
  for (const { value } of await registry.list('group', { prefix: '', limit: 1_000 })) {
    used.set(value.kekLabel, value.name);
    for (const { label } of value.formerKeks) used.set(label, value.name);
  }
  for (const label of await hsm.listKeys('strongroom/key/')) {
    const requestId = label.split('/').at(-1) as string;
    assert.ok(intended.has(requestId), `a key without an intent: ${label}`);
    const refusal = entries.find((entry) => entry.requestId === requestId && entry.outcome === 'refused');
    assert.ok(used.has(label) || accounted.has(label) || refusal, `a key that nobody knows of: ${label}`);
  }
  for (const label of used.keys()) assert.ok(await hsm.hasKey(label), `a record without its key: ${label}`);
}

function orphansOf({ request }: EntryBody): readonly string[] {
  const { orphans } = request;
  return orphans === undefined ? [] : (parseCanonical(Buffer.from(orphans)) as readonly string[]);
}
