/** Step 1: the KMS provider answers a stock client, and every seed comes back as it went in. */
import { randomBytes, randomUUID } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import type { KmsClient, WrappedSeed } from './kms-client.ts';
import { type StepRow, timed, toRow } from './measurement.ts';

const seedCount = 200;
const seedBytes = 32;

export interface Seed {
  readonly plaintext: Uint8Array;
  readonly wrapped: WrappedSeed;
}

export function expect(condition: boolean, detail: string): asserts condition {
  if (!condition) throw new StrongroomError('internal', { detail });
}

export async function wrapSeeds(client: KmsClient, count: number, timesMs: number[] = []): Promise<Seed[]> {
  const seeds: Seed[] = [];
  for (let made = 0; made < count; made += 1) {
    const plaintext = randomBytes(seedBytes);
    const wrapped = await timed(timesMs, () => client.encrypt(plaintext, randomUUID()));
    seeds.push({ plaintext, wrapped });
  }
  return seeds;
}

export async function unwrapSeeds(
  client: KmsClient,
  seeds: readonly Seed[],
  timesMs: number[] = [],
): Promise<void> {
  for (const { plaintext, wrapped } of seeds) {
    const answer = await timed(timesMs, () => client.decrypt(wrapped, randomUUID()));
    expect(answer.equals(plaintext), 'a seed did not come back as it went in');
  }
}

export async function runKmsStep(
  client: KmsClient,
): Promise<{ rows: StepRow[]; seeds: Seed[]; keyId: string }> {
  const statusMs: number[] = [];
  const wrapMs: number[] = [];
  const unwrapMs: number[] = [];
  const first = await client.status();
  expect(first.healthz === 'ok' && first.version === 'v2', `the plugin is not healthy: ${first.healthz}`);
  for (let asked = 0; asked < seedCount; asked += 1) {
    const { key_id } = await timed(statusMs, () => client.status());
    expect(key_id === first.key_id, 'key_id changed without a rotation');
  }
  const seeds = await wrapSeeds(client, seedCount, wrapMs);
  const ciphertexts = new Set(seeds.map(({ wrapped }) => wrapped.ciphertext.toString('hex')));
  expect(ciphertexts.size === seedCount, 'two seeds have one ciphertext');
  expect(
    seeds.every(({ wrapped }) => wrapped.key_id === first.key_id),
    'Encrypt and Status name different keys',
  );
  await unwrapSeeds(client, seeds, unwrapMs);
  const rows = [
    toRow('kms status', statusMs, 'healthy, one key_id, answered from memory'),
    toRow('kms wrap', wrapMs, `${seedCount} fresh seeds, all ciphertexts differ`),
    toRow('kms unwrap', unwrapMs, `${seedCount} seeds back byte for byte`),
  ];
  return { rows, seeds, keyId: first.key_id };
}
