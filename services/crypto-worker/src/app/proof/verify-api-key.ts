/** Proof `api-key`: `sr_<id>_<secret>`, compared in constant time with the keyed hash of the record. */
import type { KeyObject } from 'node:crypto';
import { decodeBytes, equalBytes } from '@strongroom/canonical';
import type { Proof } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { parseApiKey } from '../../domain/api-key.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry } from '../../ports/registry.ts';
import { apiKeyMac } from './api-key-mac.ts';
import { principalCaller, requireEnabled } from './principal-caller.ts';

export interface VerifyApiKeyParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly key: KeyObject;
  readonly clock: Clock;
}

export function makeVerifyApiKey({ registry, key, clock }: VerifyApiKeyParts) {
  return async ({ key: text }: Extract<Proof, { kind: 'api-key' }>): Promise<Caller> => {
    const apiKey = parseApiKey(text);
    if (apiKey === undefined) throw new StrongroomError('proof-invalid');
    const mac = apiKeyMac(key, apiKey.id, apiKey.secret);
    apiKey.secret.fill(0);
    const owner = await registry.read('api-key', apiKey.id);
    const record = owner && (await registry.read('principal', owner.value.principal));
    const credential = record?.value.credential;
    if (
      record === undefined ||
      credential?.kind !== 'api-key' ||
      credential.keyId !== apiKey.id ||
      !equalBytes(mac, decodeBytes(credential.secretMac))
    )
      throw new StrongroomError('proof-invalid');
    const expiresAtMs = Date.parse(credential.expiresAt);
    if (!(clock.nowMs() < expiresAtMs)) throw new StrongroomError('proof-expired');
    requireEnabled(record.value);
    return principalCaller(record, 'api-key', expiresAtMs);
  };
}
