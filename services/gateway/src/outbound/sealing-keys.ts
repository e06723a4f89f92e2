/**
 * The sealing key that the gateway uses for REST callers: fetched from a worker, verified against the pinned identity as
 * every caller does, kept for a short while.
 */
import { parseCanonical } from '@strongroom/canonical';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { sealingKeysInstead, verifySealingKeys } from '@strongroom/sealed';
import type { SealingKey, SealingKeySource } from '../ports/sealing-key-source.ts';
import type { WorkerBus } from '../ports/worker-bus.ts';

export interface SealingKeysOptions {
  readonly workers: WorkerBus;
  readonly identityFingerprint: string;
  readonly pool: string;
  readonly tenant: string;
  readonly nowMs: () => number;
}

const keptMs = 10_000;
const deadlineMs = 2_000;

export function makeSealingKeys(options: SealingKeysOptions): SealingKeySource {
  const { workers, nowMs, ...pin } = options;
  let kept: { readonly key: SealingKey; readonly untilMs: number } | undefined;
  let underWay: Promise<SealingKey> | undefined;
  const keep = (answer: unknown): SealingKey => {
    const key = verifySealingKeys(answer, pin, nowMs());
    kept = { key, untilMs: Math.min(nowMs() + keptMs, key.notAfterMs) };
    return key;
  };
  const fetchKey = async () => keep(readAnswer(await workers.sealingKeys(pin.pool, deadlineMs)));
  return {
    async current() {
      if (kept !== undefined && nowMs() < kept.untilMs) return kept.key;
      underWay ??= fetchKey().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    replace(refused, answer) {
      if (kept?.key !== refused) return;
      kept = undefined;
      const instead = sealingKeysInstead(answer);
      if (instead === undefined) return;
      try {
        keep(instead);
      } catch (fault) {
        // Nobody vouches for them; the next caller fetches.
        if (!isStrongroomError(fault)) throw fault;
      }
    },
  };
}

function readAnswer(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes);
  } catch (cause) {
    throw new StrongroomError('identity-mismatch', { detail: 'the answer is not canonical', cause });
  }
}
