import type { KeyObject } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import type { Credential } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { isPublicKey } from '@strongroom/sealed';
import { SecretBytes } from '@strongroom/secret';
import { apiKeyIdBytes, apiKeySecretBytes, formatApiKey } from '../../domain/api-key.ts';
import type { PrincipalRecord } from '../../domain/principal-record.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { RecordChange, Registry } from '../../ports/registry.ts';
import { bytesField } from '../bytes-field.ts';
import { commitmentSaltBytes } from '../commitments.ts';
import { findRecord, requireAbsent } from '../find-record.ts';
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
        value: {
          state: 'enabled',
          credential: kept,
          commitmentSalt: encodeBytes(await ports.hsm.random(commitmentSaltBytes)),
          createdAt: at,
        },
      },
    ];
    if (kept.kind === 'api-key')
      changes.push({ kind: 'api-key', id: kept.keyId, expectedVersion: 0, value: { principal } });
    return {
      result: { principal, credential: credential.kind, ...(apiKey === undefined ? {} : { apiKey }) },
      changes,
      events: [{ name: 'principal.record.changed', object: `principal/${principal}`, version: 1 }],
    };
  };
}

/** Passkeys of a provider that names no relying party could never be shown. */
async function requireSignOn(
  registry: Pick<Registry, 'read'>,
  { provider, passkeys }: Extract<Credential, { kind: 'sso' }>,
): Promise<void> {
  const { value } = await findRecord(registry, 'sso-provider', provider);
  if (passkeys.length > 0 && value.relyingParty === undefined) throw invalid('credential/passkeys');
  if (new Set(passkeys.map(({ credentialId }) => credentialId)).size !== passkeys.length)
    throw invalid('credential/passkeys');
  for (const [index, { credentialId, publicKey }] of passkeys.entries()) {
    const field = `credential/passkeys/${index}`;
    bytesField(credentialId, field);
    if (!isPublicKey(bytesField(publicKey, field))) throw invalid(field);
  }
}

const invalid = (field: string): StrongroomError =>
  new StrongroomError('request-invalid', { detail: `/${field}` });

async function makeCredential(
  { registry, hsm, apiKeyKey }: EnrolPrincipalPorts,
  wanted: Credential,
  at: string,
): Promise<Enrolment> {
  if (wanted.kind === 'key') {
    if (!isPublicKey(bytesField(wanted.publicKey, 'credential/publicKey')))
      throw new StrongroomError('request-invalid', { detail: '/credential/publicKey' });
    return { credential: { kind: 'key', publicKey: wanted.publicKey } };
  }
  if (wanted.kind === 'sso') {
    await requireSignOn(registry, wanted);
    return { credential: wanted };
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
