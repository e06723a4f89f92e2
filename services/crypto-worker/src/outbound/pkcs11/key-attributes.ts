/** What the token itself says about a key. */
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyAttributes } from '../../ports/hsm.ts';
import { cka } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { isKeyProper } from './key-handles.ts';
import type { TokenObject } from './object-finder.ts';
import type { TokenConnection } from './token-connection.ts';

const secretUsages = ['decrypt', 'encrypt', 'sign', 'unwrap', 'verify', 'wrap'] as const;
const privateUsages = ['decrypt', 'sign', 'unwrap'] as const;
const flags = ['sensitive', 'extractable', 'alwaysSensitive', 'neverExtractable', 'local'] as const;

type KeyObject = Pick<TokenObject, 'handle' | 'label' | 'objectClass' | 'keyType'>;

/** Of the key with this label, as the token tells them now. Throws `absent`. */
export function attributesOf(connection: TokenConnection, label: string): HsmKeyAttributes {
  const key = connection.findObjects(label).find(isKeyProper);
  if (key === undefined) throw new StrongroomError('absent', { detail: 'HSM key' });
  return readAttributes(connection, key);
}

/** Of a secret key or the private half of a pair. Throws `hsm-inconsistent` for a key of a foreign type. */
export function readAttributes(
  connection: TokenConnection,
  { handle, label, objectClass, keyType: type }: KeyObject,
): HsmKeyAttributes {
  if (type === undefined) {
    throw new StrongroomError('hsm-inconsistent', { detail: `${label} is a key of a foreign type` });
  }
  const possible = objectClass === 'secret-key' ? secretUsages : privateUsages;
  const names = [...flags, ...possible];
  const values = readValues(
    connection,
    handle,
    names.map((name) => cka[name]),
  );
  const set = new Set(names.filter((_, index) => values[index]?.[0] === 1));
  return {
    type,
    sensitive: set.has('sensitive'),
    extractable: set.has('extractable'),
    alwaysSensitive: set.has('alwaysSensitive'),
    neverExtractable: set.has('neverExtractable'),
    local: set.has('local'),
    usages: possible.filter((name) => set.has(name)),
  };
}

export function readValues(
  connection: TokenConnection,
  handle: Handle,
  types: readonly number[],
): readonly Uint8Array[] {
  return connection.sessions.use((session) =>
    connection.cryptoki
      .C_GetAttributeValue(
        session,
        handle,
        types.map((type) => ({ type })),
      )
      .map(({ value }) => value),
  );
}
