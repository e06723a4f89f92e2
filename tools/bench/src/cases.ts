/** What is measured: each case beside the raw loop that bounds it, where there is one. */
import { randomBytes } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import type { OperationRequest } from '@strongroom/contracts';
import { type Ask, asking, bind, type FullChain, group } from './full.ts';
import type { RawLoop } from './raw/hsm-loop.ts';
import { makeWorkload } from './workload.ts';

export interface BenchCase {
  readonly name: string;
  readonly callers: readonly number[];
  /** Items of one operation; rates are of items. */
  readonly items?: number;
  readonly raw?: RawLoop;
  /** Also through the bare chain: the same transports without any guarantee. */
  readonly isBare?: boolean;
  readonly full: (chain: FullChain) => Promise<() => Promise<void>>;
}

const payloadBytes = 32;
const payload = () => encodeBytes(randomBytes(payloadBytes));
const provider = { group, key: 'bench-kek', provider: 'bench' };
const dataKey = { group, key: 'bench-data' };
const batchItems = 100;
const podSecrets = 5;
/** How many secrets the writers take turns on. */
const secretsWritten = 256;

export const benchCases: readonly BenchCase[] = [
  {
    name: 'kms.unwrap',
    callers: [1, 16, 64, 256],
    raw: 'aes-gcm decrypt, token key',
    isBare: true,
    async full({ app, prepare }) {
      await prepare('key.create', { group, name: provider.key, purpose: 'kek' });
      const { keyId, ciphertext } = await app('kms.wrap', { ...provider, plaintext: payload() });
      return async () => void (await app('kms.unwrap', { ...provider, keyId, ciphertext }));
    },
  },
  {
    name: 'crypto.encrypt',
    callers: [1, 16, 64, 256],
    raw: 'aes-gcm encrypt, session key',
    isBare: true,
    async full({ app, prepare }) {
      await prepare('key.create', { group, name: dataKey.key, purpose: 'data' });
      const plaintext = payload();
      return async () => void (await app('crypto.encrypt', { ...dataKey, plaintext }));
    },
  },
  {
    name: `crypto.encrypt-many, ${batchItems} items`,
    callers: [16],
    items: batchItems,
    raw: 'aes-gcm encrypt, session key',
    async full({ app, prepare }) {
      await prepare('key.create', { group, name: dataKey.key, purpose: 'data' });
      return encryptMany(app, dataKey.key);
    },
  },
  {
    name: `crypto.encrypt-many, ${batchItems} items, key in software`,
    callers: [16],
    items: batchItems,
    async full({ app, prepare }) {
      await prepare('key.create', { group, name: 'bench-software', purpose: 'data', protection: 'software' });
      return encryptMany(app, 'bench-software');
    },
  },
  {
    name: 'crypto.sign, ed25519',
    callers: [64],
    raw: 'ed25519 sign, token key',
    full: (chain) => signing(chain, 'ed25519', { mechanism: 'ed25519', inputType: 'message' }),
  },
  {
    name: 'crypto.sign, ecdsa p-256',
    callers: [64],
    raw: 'ecdsa p-256 sign, token key',
    full: (chain) =>
      signing(chain, 'ec-p256', { mechanism: 'ecdsa-sha256', inputType: 'digest', encoding: 'jose' }),
  },
  {
    name: 'secret.read',
    callers: [1, 64],
    async full({ app, prepare }) {
      await prepare('secret.write', { group, name: 'bench-read', kind: 'opaque', value: payload() });
      return async () => void (await app('secret.read', { group, name: 'bench-read' }));
    },
  },
  {
    name: 'secret.write',
    callers: [1, 64],
    async full({ app }) {
      let turn = 0;
      return async () => {
        turn = (turn + 1) % secretsWritten;
        const name = `bench-write-${turn}`;
        await app('secret.write', { group, name, kind: 'opaque', value: payload() });
      };
    },
  },
  {
    name: `sign-in of a pod and ${podSecrets} secrets`,
    callers: [1, 50],
    async full({ prepare, connect }) {
      const { credential, principal } = await makeWorkload(prepare);
      await bind(prepare, principal, 'secret-reader');
      const secrets = Array.from({ length: podSecrets }, (_, at) => ({ group, name: `bench-pod-${at}` }));
      for (const secret of secrets)
        await prepare('secret.write', { ...secret, kind: 'opaque', value: payload() });
      // Each message is sealed and proven on its own, as those of strangers are.
      const ask = asking(await connect(credential, { useSession: false }));
      return async () => {
        const found = await ask('secret.read-many', { secrets });
        if (found.secrets.some(({ status }) => status !== 'done')) throw new Error('a secret was refused');
      };
    },
  },
];

function encryptMany(app: Ask, key: string): () => Promise<void> {
  const items = Array.from({ length: batchItems }, () => ({ group, key, plaintext: payload() }));
  return async () => {
    const { outcomes } = await app('crypto.encrypt-many', { items });
    if (outcomes.some(({ outcome }) => outcome !== 'done')) throw new Error('an item was refused');
  };
}

async function signing(
  { app, prepare }: FullChain,
  type: 'ed25519' | 'ec-p256',
  how: Pick<OperationRequest<'crypto.sign'>, 'mechanism' | 'inputType' | 'encoding'>,
): Promise<() => Promise<void>> {
  const name = `bench-${type}`;
  await prepare('key.create', { group, name, purpose: 'signing', type });
  const input = payload();
  return async () => void (await app('crypto.sign', { group, key: name, input, ...how }));
}
