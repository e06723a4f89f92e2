/**
 * Makes the sealing key of an epoch. The private half is encrypted by an HSM key of that epoch alone, so that destroying
 * one small key in the HSM destroys what every copy of the database holds. Workers race for it: one commits, the others
 * use what it committed.
 */
import { canonicalBytes, encodeBytes } from '@strongroom/canonical';
import { isStrongroomError } from '@strongroom/errors';
import { generateSealingKey } from '@strongroom/sealed';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { platformKey } from '../../domain/platform-key.ts';
import type { SealingKeyRecord } from '../../domain/record.ts';
import { validityOf } from '../../domain/sealing-epoch.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { ChangeAsPlatform } from '../platform/change-as-platform.ts';

export interface MakeSealingKeyParts {
  readonly tenant: string;
  readonly pool: string;
  readonly hsm: Pick<Hsm, 'createKey' | 'encrypt'>;
  readonly change: ChangeAsPlatform;
}

export const sealingKeyRecordId = (pool: string, epoch: number): string => `${pool}/${epoch}`;

export function sealingKeyContext(
  tenant: string,
  pool: string,
  epoch: number,
  publicKey: string,
): Uint8Array {
  return canonicalBytes({ tenant, pool, epoch, publicKey, use: 'sealing-key' });
}

/** Resolves also where another worker was first. */
export function makeMakeSealingKey({ tenant, pool, hsm, change }: MakeSealingKeyParts) {
  const carryOut = async (epoch: number): Promise<SealingKeyRecord> => {
    const label = hsmLabel.sealing(epoch);
    await createOnce(hsm, label);
    const { privateKey, publicKey: raw } = await generateSealingKey();
    using secret = privateKey;
    const publicKey = encodeBytes(raw);
    const context = sealingKeyContext(tenant, pool, epoch, publicKey);
    const wrapped = await secret.use((bytes) => hsm.encrypt({ kind: 'token', label }, bytes, context));
    return {
      epoch,
      publicKey,
      wrappedPrivateKey: encodeBytes(wrapped),
      wrappedBy: label,
      ...validityOf(epoch),
    };
  };
  return async (epoch: number): Promise<void> => {
    const id = sealingKeyRecordId(pool, epoch);
    try {
      await change({
        operation: 'platform.sealing-key.create',
        objects: [{ kind: 'sealing-key', name: id }],
        carryOut: async () => ({
          changes: [{ kind: 'sealing-key', id, expectedVersion: 0, value: await carryOut(epoch) }],
        }),
      });
    } catch (fault) {
      if (!isStrongroomError(fault) || fault.code !== 'version-conflict') throw fault;
    }
  };
}

/** The HSM key of an epoch is shared: it is the same whether this worker, another or one before a crash made it. */
async function createOnce(hsm: Pick<Hsm, 'createKey'>, label: string): Promise<void> {
  try {
    await hsm.createKey(label, platformKey.encryption);
  } catch (fault) {
    if (!isStrongroomError(fault) || fault.code !== 'already-exists') throw fault;
  }
}
