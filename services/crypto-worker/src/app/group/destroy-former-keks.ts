/**
 * The end of a rotation, where people want one: without the former KEKs no copy of the database from before it opens any more.
 * That can not be undone, so it rests on more than the finished walk: every value of the group is looked at once more.
 */
import { StrongroomError } from '@strongroom/errors';
import { needOfFormerKeks } from '../../domain/group.ts';
import type { GroupRecord } from '../../domain/record.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { showGroup } from './show-groups.ts';

export interface DestroyFormerKeksPorts {
  readonly registry: Pick<Registry, 'read' | 'count' | 'list'>;
  readonly hsm: Pick<Hsm, 'destroyKey'>;
}

const pageMax = 500;
/** As many as can be looked at within the time of one operation. */
const valuesMax = 100_000;

export function makeDestroyFormerKeks({
  registry,
  hsm,
}: DestroyFormerKeksPorts): CarryOut<'group.destroy-former-keks'> {
  return async ({ params: { group: name } }) => {
    const record = await findRecord(registry, 'group', name);
    const { formerKeks, kekVersion } = record.value;
    if (formerKeks.length === 0) throw new StrongroomError('absent', { detail: 'former KEKs' });
    const need = needOfFormerKeks(record.value) ?? (await valueLeftBehind(registry, record.value));
    if (need !== undefined) throw new StrongroomError('key-in-use', { detail: need });
    // Repeated after a crash in between, it finds them absent, which is what it is for.
    for (const { label } of formerKeks) await hsm.destroyKey(label);
    const group = { ...record.value, formerKeks: [] };
    return {
      result: await showGroup(registry, group),
      version: kekVersion,
      changes: [{ kind: 'group', id: name, expectedVersion: record.version, value: group }],
      events: formerKeks.map(({ version }) => ({
        name: 'group.kek.destroyed',
        object: `group/${name}`,
        version,
      })),
    };
  };
}

/** A listing leaves nothing out, and refuses where it can not show a record: then nothing is destroyed. */
async function valueLeftBehind(
  registry: DestroyFormerKeksPorts['registry'],
  { name, kekLabel }: GroupRecord,
): Promise<string | undefined> {
  const prefix = `${name}/`;
  const values = await registry.count('secret-version', prefix);
  if (values > valuesMax)
    throw new StrongroomError('request-invalid', { detail: `more than ${valuesMax} values` });
  let after: string | undefined;
  for (;;) {
    const page = { prefix, limit: pageMax, ...(after === undefined ? {} : { after }) };
    const records = await registry.list('secret-version', page);
    const old = records.find(({ value }) => value.kekLabel !== kekLabel);
    if (old !== undefined) return `secret/${old.id}`;
    if (records.length < pageMax) return undefined;
    after = records.at(-1)?.id;
  }
}
