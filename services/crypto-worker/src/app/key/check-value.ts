/**
 * Check values: few octets of a secret key's own, by which people at two devices see that both hold the same key, also after an
 * import or a restoration. The token tells its own; nothing is computed where it does not.
 *
 * Of an AES key that makes AES-GCM they are 24 bits of its authentication key, which is why they stand in no record and no log,
 * and need a privilege of their own (ADR 38).
 */
import { createCipheriv, type KeyObject } from 'node:crypto';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { KeyCheckValueReply } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { KeyMaterial, KeyRecord } from '../../domain/record.ts';
import { softwareContext } from '../../domain/software-key.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import type { SoftwareKeys } from '../crypto/software-keys.ts';
import type { CarryOut } from '../use-case.ts';
import { findKeyVersion } from './find-version.ts';

export interface CheckValuePorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'checkValue'>;
  readonly softwareKeys: Pick<SoftwareKeys, 'get'>;
}

const checkValueBytes = 3;

/** In every state but the last: a suspended or compromised key has to be told from others too. */
export function makeShowCheckValue(ports: CheckValuePorts): CarryOut<'key.check-value'> {
  return async ({ params }) => {
    const { key, found } = await findKeyVersion(ports.registry, params);
    const { version, material, checkValue: ofPair } = found;
    if (material.kind === 'destroyed') throw new StrongroomError('key-destroyed');
    const { type } = key;
    const checkValue = ofPair ?? encodeBytes(await secretCheckValue(ports, key, version, material));
    return { result: { version, type, method: methodOf(key, ofPair !== undefined), checkValue }, version };
  };
}

function methodOf({ type }: KeyRecord, isPair: boolean): KeyCheckValueReply['method'] {
  if (isPair) return 'spki-sha256';
  return type.startsWith('aes') ? 'aes-zero-block' : 'sha1';
}

async function secretCheckValue(
  { hsm, softwareKeys }: CheckValuePorts,
  key: KeyRecord,
  version: number,
  material: Exclude<KeyMaterial, { readonly kind: 'destroyed' }>,
): Promise<Uint8Array> {
  switch (material.kind) {
    case 'token':
      return hsm.checkValue({ kind: 'token', label: material.label });
    case 'data': {
      const { wrappedBy, wrapped } = material;
      return hsm.checkValue({ kind: 'data', wrappedBy, wrapped: decodeBytes(wrapped) });
    }
    case 'software': {
      const { wrappedBy, sealed } = material;
      const context = softwareContext({ keyId: key.id, version });
      const reference = { kind: 'software', wrappedBy, sealed: decodeBytes(sealed), context } as const;
      return ofSoftware(await softwareKeys.get(reference));
    }
  }
}

function ofSoftware(key: KeyObject): Uint8Array {
  const cipher = createCipheriv(`aes-${(key.symmetricKeySize ?? 0) * 8}-ecb`, key, null);
  return cipher.update(new Uint8Array(16)).subarray(0, checkValueBytes);
}
