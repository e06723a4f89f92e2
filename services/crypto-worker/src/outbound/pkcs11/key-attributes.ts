/** What the token itself says about a key, and the public half of a signing key. */
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyAttributes } from '../../ports/hsm.ts';
import { cka } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import type { TokenConnection } from './token-connection.ts';

export function readAttributes(connection: TokenConnection, handle: Handle): HsmKeyAttributes {
  const flags = readValues(connection, handle, [
    cka.sensitive,
    cka.extractable,
    cka.alwaysSensitive,
    cka.neverExtractable,
    cka.local,
  ]).map((value) => value[0] === 1);
  const [sensitive, extractable, alwaysSensitive, neverExtractable, local] = flags as [
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
  ];
  return { sensitive, extractable, alwaysSensitive, neverExtractable, local };
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

/** Raw 32 octets of an Ed25519 public key. Throws `absent`, `key-purpose-refused`. */
export function readPublicKey(connection: TokenConnection, label: string): Uint8Array {
  const known = connection.key(label, 'signing');
  const key = known.publicHandle === undefined ? connection.findKey(label) : known;
  return readEdwardsPoint(connection, label, key?.publicHandle);
}

export function readEdwardsPoint(
  connection: TokenConnection,
  label: string,
  publicHalf: Handle | undefined,
): Uint8Array {
  if (publicHalf === undefined) {
    throw new StrongroomError('hsm-inconsistent', { detail: `${label} has no public half` });
  }
  const [point] = readValues(connection, publicHalf, [cka.ecPoint]);
  return edwardsPoint(point ?? new Uint8Array(0));
}

/**
 * CKA_EC_POINT of an Edwards key: 32 octets as they are, or as the DER OCTET STRING of PKCS#11 v2.40 (which SoftHSM
 * gives), or as the BIT STRING of later texts.
 */
export function edwardsPoint(encoded: Uint8Array): Uint8Array {
  const prefixes = ['', '0420', '032100'];
  for (const prefix of prefixes) {
    const octets = Buffer.from(prefix, 'hex');
    if (encoded.length !== octets.length + 32) continue;
    if (octets.equals(encoded.subarray(0, octets.length)))
      return Uint8Array.from(encoded.subarray(octets.length));
  }
  throw new StrongroomError('hsm-inconsistent', { detail: 'encoding of an Ed25519 public key' });
}
