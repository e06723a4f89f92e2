/**
 * Asks which KEK version wraps now and proves it before `Status` may name it: wrap, unwrap, compare. Runs in the
 * background; `Status` itself never waits for it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { StrongroomError, toStrongroomError } from '@strongroom/errors';
import type { ProviderStatus } from '../domain/provider-status.ts';
import type { KeyService } from '../ports/key-service.ts';

const probeBytes = 32;

export interface RefreshStatusParts {
  readonly keys: KeyService;
  readonly status: ProviderStatus;
  readonly deadlineMs: number;
  readonly nowMs: () => number;
}

/** Never throws: a failure is what the status then tells. Returns the failure for the log. */
export function makeRefreshStatus({ keys, status, deadlineMs, nowMs }: RefreshStatusParts) {
  return async (): Promise<StrongroomError | undefined> => {
    try {
      const { keyId, version } = await keys.describe(deadlineMs);
      await prove(keys, keyId, deadlineMs);
      status.prove({ keyId, version });
      return undefined;
    } catch (fault) {
      const error = toStrongroomError(fault);
      status.fail(error.code, nowMs());
      return error;
    }
  };
}

async function prove(keys: KeyService, keyId: string, deadlineMs: number): Promise<void> {
  const probe = randomBytes(probeBytes);
  const wrapped = await keys.wrap(keyId, probe, deadlineMs);
  const unwrapped = await keys.unwrap(keyId, wrapped.ciphertext, deadlineMs);
  if (unwrapped.length !== probe.length || !timingSafeEqual(unwrapped, probe)) {
    throw new StrongroomError('reply-invalid', { detail: 'wrap and unwrap disagree' });
  }
}
