/**
 * Walks over all secrets, some at a time, and does what time has brought: announcements, deletions, destructions. How far it
 * came is only in memory; who begins again finds nothing to do where it was done before, because the records say so. What was
 * tampered with is passed by, and counted at the end of each walk: it must not keep the dates of all others.
 */
import { isStrongroomError } from '@strongroom/errors';
import { type DueChanges, dueChanges } from '../../domain/secret/due-changes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry, RegistryRecord } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';
import type { ChangeAsPlatform } from '../platform/change-as-platform.ts';
import { removeValues } from './remove-values.ts';

export interface SweepSecretsParts {
  readonly registry: Pick<Registry, 'walk' | 'versionOf'>;
  readonly change: ChangeAsPlatform;
  readonly clock: Clock;
  readonly report: Report;
}

/** So many pages a run: a million secrets in some hours, without pushing what is in use out of caches. */
const pagesMax = 25;
const pageMax = 200;

export function makeSweepSecrets({
  registry,
  change,
  clock,
  report,
}: SweepSecretsParts): () => Promise<void> {
  let after: string | undefined;
  let skipped: string[] = [];
  return async () => {
    for (let pages = 0; pages < pagesMax; pages += 1) {
      const page = { prefix: '', limit: pageMax, ...(after === undefined ? {} : { after }) };
      const { records, tampered, next } = await registry.walk('secret', page);
      for (const secret of records) await sweep(secret);
      skipped.push(...tampered);
      after = next;
      if (after === undefined) return endWalk();
    }
  };

  function endWalk(): void {
    const [first] = skipped;
    if (first !== undefined) report('secrets-skipped', { object: `secret/${first}`, count: skipped.length });
    skipped = [];
  }

  async function sweep(secret: RegistryRecord<'secret'>): Promise<void> {
    const due = dueChanges(secret.value, new Date(clock.nowMs()).toISOString());
    if (due === undefined) return;
    try {
      await carryOut(secret, due);
    } catch (fault) {
      const code = isStrongroomError(fault) ? fault.code : undefined;
      if (code === 'record-tampered') skipped.push(secret.id);
      // Somebody was first; what is still due is found by the next walk.
      else if (code !== 'version-conflict') throw fault;
    }
  }

  function carryOut({ kind, id, version, value }: RegistryRecord<'secret'>, due: DueChanges): Promise<void> {
    const { group, name } = value;
    const versions = [...new Set(due.events.map((event) => event.version ?? 0))];
    return change({
      operation: 'platform.secret.sweep',
      objects: versions.slice(0, 64).map((each) => ({ kind: 'secret', group, name, version: each })),
      carryOut: async () => ({
        changes: [
          { kind, id, expectedVersion: version, value: due.secret },
          ...(await removeValues(registry, value, due.destroyed)),
        ],
        events: due.events,
      }),
    });
  }
}
