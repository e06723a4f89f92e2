/**
 * Making and destroying keys. Calls run one at a time: SoftHSM has failed concurrent generation, and it rewrites a token
 * object's file some thirty-five times (45 ms on a disk), which is why generation runs on another thread.
 */
import { StrongroomError } from '@strongroom/errors';
import type { HsmAesType, HsmKeySpec } from '../../ports/hsm-key.ts';
import { tellsOrigin } from './capabilities.ts';
import { ckm } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { afterChange, naming } from './fault.ts';
import { readAttributes } from './key-attributes.ts';
import type { TokenKey } from './key-handles.ts';
import { aesTypes, isSecret, kindOf, type SecretKind } from './key-kind.ts';
import { createObjects, destroyObjects, type Made, type RequireKept } from './label-claim.ts';
import { readPublicKey } from './public-key.ts';
import { keyPairTemplates, newDataKeyTemplate, secretKeyTemplate } from './template.ts';
import type { TokenAccess, TokenConnection } from './token-connection.ts';
import { requireMechanism } from './token-slot.ts';

/** Throws `request-invalid` for a key type that is never used so. */
export function requireSpec({ type, use }: HsmKeySpec): void {
  if (!kindOf(type).uses.includes(use)) {
    throw new StrongroomError('request-invalid', { detail: 'use of the key type' });
  }
}

/** Answers the public key of a pair. */
export async function createKey(
  access: TokenAccess,
  label: string,
  spec: HsmKeySpec,
): Promise<Uint8Array | undefined> {
  const kind = kindOf(spec.type);
  const mechanism = { mechanism: kind.generation };
  requireMechanism(access.connection().slot, kind.generation);
  const generate = ({ cryptoki }: TokenConnection, session: Handle, id: Uint8Array): Promise<unknown> => {
    if (isSecret(kind)) {
      return cryptoki.C_GenerateKeyAsync(session, mechanism, secretKeyTemplate(label, id, spec));
    }
    const { publicKey, privateKey } = keyPairTemplates(label, id, spec);
    return cryptoki.C_GenerateKeyPairAsync(session, mechanism, publicKey, privateKey);
  };
  const made = await naming(kind.generation, () =>
    createObjects(access, label, spec.type, generate, keptAs(spec, 'generated')),
  );
  return publicKeyOf(made, label, spec);
}

export async function publicKeyOf(
  { connection, objects }: Made,
  label: string,
  { type }: HsmKeySpec,
): Promise<Uint8Array | undefined> {
  if (isSecret(kindOf(type))) return undefined;
  return afterChange(() => {
    const half = objects.find(({ objectClass }) => objectClass === 'public-key');
    return readPublicKey(connection, type, half?.handle ?? connection.publicHandle(label, [type]));
  });
}

/** The template asked for a key that the token keeps to itself; the token must have done it (I1). */
export function keptAs(spec: HsmKeySpec, origin: 'generated' | 'imported'): RequireKept {
  const exportable = spec.exportable ?? false;
  return async (connection, key) => {
    if (key.keyType !== spec.type) {
      // The token generates what it is asked for; what was unwrapped is what somebody else wrapped.
      const code = origin === 'imported' ? 'ciphertext-invalid' : 'mechanism-unsupported';
      throw new StrongroomError(code, { detail: 'type of the new key' });
    }
    const { sensitive, extractable, neverExtractable, local } = readAttributes(connection, key);
    const isKept = sensitive && extractable === exportable;
    const isNew = origin === 'imported' ? !local : exportable || neverExtractable;
    if (isKept && isNew && (origin === 'imported' || local || !(await tellsOrigin(connection)))) return;
    throw new StrongroomError('mechanism-unsupported', { detail: 'the token does not keep keys to itself' });
  };
}

/** Destroys every object with the label. */
export async function destroyKey(access: TokenAccess, label: string): Promise<void> {
  const connection = access.fresh();
  const objects = connection.findObjects(label);
  connection.keys.evict(label);
  if (objects.length === 0) return;
  await connection.change(() => {
    connection.dataKeys.closeUnder(label);
    return destroyObjects(connection, objects);
  });
}

/**
 * A data key never exists outside the token but wrapped: generated as an object of one session, wrapped by the same
 * session, destroyed by it; and should that fail, closing the session destroys it.
 */
export async function makeDataKey(
  access: TokenAccess,
  wrappingLabel: string,
  type: HsmAesType,
): Promise<Uint8Array> {
  const connection = access.connection();
  const { bytes } = kindOf(type) as SecretKind;
  return connection.withKeyAsync(wrappingLabel, aesTypes, (wrappingKey) =>
    connection.sessions.useAsync((session) => generateWrapped(connection, session, wrappingKey, bytes)),
  );
}

async function generateWrapped(
  { cryptoki, slot }: TokenConnection,
  session: Handle,
  wrappingKey: TokenKey,
  bytes: number,
): Promise<Uint8Array> {
  const generation = { mechanism: ckm.aesKeyGen };
  const generated = await cryptoki.C_GenerateKeyAsync(session, generation, newDataKeyTemplate(bytes));
  const wrapping = { mechanism: slot.keyWrapMechanism };
  const wrapped = cryptoki.C_WrapKey(session, wrapping, wrappingKey.handle, generated, Buffer.alloc(64));
  cryptoki.C_DestroyObject(session, generated);
  return Uint8Array.from(wrapped);
}
