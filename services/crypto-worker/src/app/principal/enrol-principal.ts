import type { KeyObject } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import type { Credential } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { isPublicKey } from '@strongroom/sealed';
import { SecretBytes } from '@strongroom/secret';
import { apiKeyIdBytes, apiKeySecretBytes, formatApiKey } from '../../domain/api-key.ts';
import type { PrincipalRecord } from '../../domain/record.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { RecordChange, Registry } from '../../ports/registry.ts';
import { bytesField } from '../bytes-field.ts';
import { requireAbsent } from '../find-record.ts';
import { apiKeyMac } from '../proof/api-key-mac.ts';
import type { CarryOut } from '../use-case.ts';

export interface EnrolPrincipalPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'random'>;
  readonly apiKeyKey: KeyObject;
}

interface Enrolment {
  readonly credential: PrincipalRecord['credential'];
  /** Shown once. */
  readonly apiKey?: string;
}

/** A new principal holds nothing, so anybody who may enrol can enrol everybody. */
export function makeEnrolPrincipal(ports: EnrolPrincipalPorts): CarryOut<'principal.enrol'> {
  return async ({ params: { principal, credential }, at }) => {
    if (principal.startsWith('workload:'))
      throw new StrongroomError('request-invalid', {
        detail: 'a workload proves itself by the token of its cluster',
      });
    await requireAbsent(ports.registry, 'principal', principal);
    const { credential: kept, apiKey } = await makeCredential(ports, credential, at);
    const changes: RecordChange[] = [
      {
        kind: 'principal',
        id: principal,
        expectedVersion: 0,
        value: { state: 'enabled', credential: kept, createdAt: at },
      },
    ];
    if (kept.kind === 'api-key')
      changes.push({ kind: 'api-key', id: kept.keyId, expectedVersion: 0, value: { principal } });
    return {
      result: { principal, ...(apiKey === undefined ? {} : { apiKey }) },
      changes,
      events: [{ name: 'principal.record.changed', object: `principal/${principal}`, version: 1 }],
    };
  };
}

async function makeCredential(
  { hsm, apiKeyKey }: EnrolPrincipalPorts,
  wanted: Credential,
  at: string,
): Promise<Enrolment> {
  if (wanted.kind === 'key') {
    if (!isPublicKey(bytesField(wanted.publicKey, 'credential/publicKey')))
      throw new StrongroomError('request-invalid', { detail: '/credential/publicKey' });
    return { credential: { kind: 'key', publicKey: wanted.publicKey } };
  }
  const { expiresAt } = wanted;
  if (!(Date.parse(expiresAt) > Date.parse(at)))
    throw new StrongroomError('request-invalid', { detail: '/credential/expiresAt' });
  const id = await hsm.random(apiKeyIdBytes);
  using secret = SecretBytes.adopt(await hsm.random(apiKeySecretBytes));
  const keyId = Buffer.from(id).toString('hex');
  return secret.use((bytes) => ({
    credential: {
      kind: 'api-key',
      keyId,
      secretMac: encodeBytes(apiKeyMac(apiKeyKey, keyId, bytes)),
      expiresAt,
    },
    apiKey: formatApiKey(id, bytes),
  }));
}
