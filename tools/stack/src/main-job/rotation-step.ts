/** Step 3: rotating the KEK waits for two of three approvers, then runs; nothing that was wrapped is lost. */
import { setTimeout as delay } from 'node:timers/promises';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { CommandLine } from './command-line.ts';
import type { KmsClient } from './kms-client.ts';
import { expect, type Seed, unwrapSeeds, wrapSeeds } from './kms-step.ts';
import { type StepRow, timed, toRow } from './measurement.ts';

const waitMsMax = 30_000;
const pollMs = 50;
const versionAnnotation = 'key-version.strongroom.dev';

export interface RotationParts {
  readonly operator: CommandLine;
  readonly approvers: readonly CommandLine[];
  readonly kms: KmsClient;
  readonly key: string;
  readonly oldSeeds: readonly Seed[];
  readonly oldKeyId: string;
}

export async function runRotationStep(parts: RotationParts): Promise<StepRow[]> {
  const { operator, approvers, kms, key, oldSeeds, oldKeyId } = parts;
  const before = await operator(['key', 'describe', key]);
  const proposal = await rotatePending(operator, key);
  const voteMs: number[] = [];
  for (const approver of approvers.slice(0, 2)) {
    await timed(voteMs, () => approver(['proposal', 'approve', proposal, '--comment', 'scheduled rotation']));
  }
  const rotateMs: number[] = [];
  const keyIds = new Set([oldKeyId]);
  await timed(rotateMs, async () => {
    await waitFor(
      'the rotation',
      async () => (await operator(['proposal', 'show', proposal]))['state'] === 'executed',
    );
    await waitFor('the new key_id', async () => {
      const { key_id } = await kms.status();
      keyIds.add(key_id);
      return key_id !== oldKeyId;
    });
  });
  const after = await operator(['key', 'describe', key]);
  const version = Number(before['currentVersion']) + 1;
  expect(after['currentVersion'] === version, 'the key has not exactly one version more');
  await unwrapSeeds(kms, oldSeeds);
  const fresh = await wrapSeeds(kms, 20);
  await unwrapSeeds(kms, fresh);
  expect(
    fresh.every(({ wrapped }) => wrapped.annotations[versionAnnotation]?.toString() === String(version)),
    'a new wrap does not name the new version',
  );
  for (const { wrapped } of fresh) keyIds.add(wrapped.key_id);
  expect(keyIds.size === 2, 'key_id did not change exactly once');
  return [
    toRow('vote', voteMs, 'two of three approvers signed the operation hash'),
    toRow(
      'guarded rotation',
      rotateMs,
      `pending until the quorum; old seeds unwrap, new wraps name version ${version}, key_id changed once`,
    ),
  ];
}

async function rotatePending(operator: CommandLine, key: string): Promise<string> {
  try {
    await operator(['key', 'rotate', key]);
  } catch (fault) {
    if (!isStrongroomError(fault) || fault.code !== 'approval-pending') throw fault;
    const pending = await operator(['proposal', 'list', '--state', 'pending', '--limit', '1']);
    const [first] = pending['items'] as { id: string }[];
    if (first !== undefined) return first.id;
  }
  throw new StrongroomError('internal', { detail: 'the rotation did not wait for its quorum' });
}

async function waitFor(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + waitMsMax;
  while (!(await isDone())) {
    if (performance.now() > giveUpMs) throw new StrongroomError('deadline-exceeded', { detail: what });
    await delay(pollMs);
  }
}
