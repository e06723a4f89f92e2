/**
 * What an authenticator must say before a worker believes that a person was there for one session key (WebAuthn section 7.2,
 * steps 11 to 18 and 20). The signature is checked elsewhere. The signature counter is not kept: synced passkeys have none.
 */
import { createHash } from 'node:crypto';
import { equalBytes } from '@strongroom/canonical';
import type { RelyingParty } from '@strongroom/contracts';

const flag = Object.freeze({ userPresent: 1, userVerified: 4, backupEligible: 8, backedUp: 16 });
const rpIdHashBytes = 32;
const authenticatorDataBytesMin = 37;

export interface AssertedData {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJson: Uint8Array;
}

/** Why it is not believed, or nothing. */
export function problemOfAssertion(
  { authenticatorData, clientDataJson }: AssertedData,
  challenge: string,
  { id, origin }: RelyingParty,
): string | undefined {
  const client = parseClientData(clientDataJson);
  if (client?.['type'] !== 'webauthn.get') return 'type';
  if (client['challenge'] !== challenge) return 'challenge';
  if (client['origin'] !== origin) return 'origin';
  // A page inside of another one could be shown to the person as something else.
  if (client['crossOrigin'] === true || client['topOrigin'] !== undefined) return 'cross origin';
  if (authenticatorData.length < authenticatorDataBytesMin) return 'authenticator data';
  const rpIdHash = createHash('sha256').update(id).digest();
  if (!equalBytes(rpIdHash, authenticatorData.subarray(0, rpIdHashBytes))) return 'relying party';
  const flags = authenticatorData[rpIdHashBytes] ?? 0;
  if ((flags & flag.userPresent) === 0) return 'user not present';
  if ((flags & flag.userVerified) === 0) return 'user not verified';
  if ((flags & flag.backedUp) !== 0 && (flags & flag.backupEligible) === 0) return 'backup flags';
  return undefined;
}

/** What the authenticator signed. */
export function assertedBytes({ authenticatorData, clientDataJson }: AssertedData): Uint8Array {
  return Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJson).digest()]);
}

function parseClientData(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // The one way to fail: it is not JSON in UTF-8.
    return undefined;
  }
}
