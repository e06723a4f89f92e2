import { hsmLabel } from '../../domain/hsm-label.ts';
import { isInGrace } from '../../domain/sealing-epoch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import type { ChangeAsPlatform } from '../platform/change-as-platform.ts';

export interface DestroySealingKeysParts {
  readonly pool: string;
  readonly hsm: Pick<Hsm, 'destroyKey'>;
  readonly registry: Pick<Registry, 'list'>;
  readonly change: ChangeAsPlatform;
  readonly clock: Clock;
}

const epochsMax = 500;

/** Of epochs past their grace, first the HSM key, then the record: a crash in between is made good by the next round. */
export function makeDestroySealingKeys({ pool, hsm, registry, change, clock }: DestroySealingKeysParts) {
  return async (): Promise<void> => {
    const records = await registry.list('sealing-key', { prefix: `${pool}/`, limit: epochsMax });
    for (const { id, version, value } of records) {
      const { epoch } = value;
      // An epoch of the future is the work of a clock that ran ahead; it becomes current or old by itself.
      if (isInGrace(epoch, clock.nowMs()) || value.notBefore > new Date(clock.nowMs()).toISOString())
        continue;
      await change({
        operation: 'platform.sealing-key.destroy',
        objects: [{ kind: 'sealing-key', name: id }],
        carryOut: async () => {
          await hsm.destroyKey(hsmLabel.sealing(epoch));
          return { changes: [{ kind: 'sealing-key', id, expectedVersion: version, value: undefined }] };
        },
      });
    }
  };
}
