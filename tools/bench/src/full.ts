/** The full chain: the platform's own client against a whole local stack, every guarantee on. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { encodeBytes } from '@strongroom/canonical';
import { connectStrongroom, keyFileCredential, type StrongroomClient } from '@strongroom/client';
import type { OperationName, OperationRequest } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { generateKeyFile } from '@strongroom/sealed';
import type { StackInfo } from '@strongroom/stack';
import type { HsmCase } from './raw/hsm-loop.ts';

const payloadBytes = 32;
const provider = { group: 'default', key: 'bench-kek', provider: 'bench' };
const dataKey = { group: 'default', key: 'bench-data' };

export interface FullChain {
  operation(name: HsmCase): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function openFullChain(info: StackInfo): Promise<FullChain> {
  const common = {
    gatewayUrl: info.gatewayUrl,
    ca: await readFile(info.caFile, 'utf8'),
    identityFingerprint: info.identityFingerprint,
  };
  const operator = connectStrongroom({
    ...common,
    credential: await keyFileCredential(info.operatorKeyFile),
  });
  const key = generateKeyFile('app:bench');
  await prepare(operator, key.publicKey);
  await operator.close();
  const { principal, sign } = key;
  const client = connectStrongroom({ ...common, credential: { kind: 'key', principal, sign } });
  const call = async <Name extends OperationName>(name: Name, params: OperationRequest<Name>) => {
    const answer = await client.call(name, params);
    if (answer.status !== 'done') throw new Error(`${name} waits for approval`);
    return answer.result;
  };
  return {
    async operation(name) {
      const plaintext = encodeBytes(randomBytes(payloadBytes));
      if (name === 'crypto.encrypt') {
        return async () => void (await call('crypto.encrypt', { ...dataKey, plaintext }));
      }
      const { keyId, ciphertext } = await call('kms.wrap', { ...provider, plaintext });
      return async () => void (await call('kms.unwrap', { ...provider, keyId, ciphertext }));
    },
    close: () => client.close(),
  };
}

async function prepare(operator: StrongroomClient, publicKey: string): Promise<void> {
  const group = 'default';
  const make = async <Name extends OperationName>(name: Name, params: OperationRequest<Name>) => {
    try {
      await operator.call(name, params);
    } catch (fault) {
      if (!isStrongroomError(fault) || fault.code !== 'already-exists') throw fault;
    }
  };
  await make('key.create', { group, name: provider.key, purpose: 'kek' });
  await make('key.create', { group, name: dataKey.key, purpose: 'data' });
  await make('principal.enrol', { principal: 'app:bench', credential: { kind: 'key', publicKey } });
  for (const role of ['kms-provider', 'crypto-user']) {
    const scope = { kind: 'group' as const, group };
    await make('binding.create', {
      name: `bench-${role}`,
      principal: 'app:bench',
      role,
      scope,
      effect: 'allow',
    });
  }
}
