/** A rotation whose material was made elsewhere: from then on it is the current version of its key. */
import { StrongroomError } from '@strongroom/errors';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { describeKey } from '../../domain/key.ts';
import type { KeyRecord } from '../../domain/record.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { type ImportKeyPorts, wrappedKey } from './import-key.ts';
import { tokenMaterial, tokenUse } from './make-material.ts';
import { rotateTo } from './rotate-key.ts';

/** Its material is of the type of the key, or the token refuses it; its origin stays with the version. */
export function makeImportVersion(ports: ImportKeyPorts): CarryOut<'key.import-version'> {
  return async ({ params, caller, ...call }) => {
    const record = await findRecord(ports.registry, 'key', `${params.group}/${params.name}`);
    const { purpose, type } = record.value;
    requireImportable(record.value);
    const { key, ...effect } = await rotateTo(record, call, async ({ keyId, version, requestId }) => {
      const label = hsmLabel.keyVersion(keyId, version, requestId);
      const wrapped = await wrappedKey(ports, params, caller.principal);
      const publicKey = await ports.hsm.importKey(label, { type, use: tokenUse[purpose] }, wrapped);
      return tokenMaterial(label, 'imported', publicKey);
    });
    return { ...effect, result: describeKey(key) };
  };
}

/** A KEK that was ever outside of the token would be none (I1); and what comes in neither leaves again nor lives in software. */
function requireImportable({ purpose, protection, exportable }: KeyRecord): void {
  const obstacles = [
    [purpose === 'kek', 'a KEK'],
    [exportable, 'an exportable key'],
    [protection === 'software', 'a software key'],
  ] as const;
  const [, what] = obstacles.find(([isMet]) => isMet) ?? [];
  if (what !== undefined)
    throw new StrongroomError('key-type-refused', { detail: `no version of ${what} is imported` });
}
