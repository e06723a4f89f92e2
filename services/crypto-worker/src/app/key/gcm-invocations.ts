/**
 * AES-GCM invocations of each key version and of each group's KEK, counted over all workers and restarts (NIST SP 800-38D section 8.3). A worker reserves a
 * stride in the registry before it uses it, so the registry never counts less than was done; a crash loses what was left of one
 * stride. Strides double as they are used up, from a thousand to a million: a worker that encrypts little and restarts often
 * wastes little, and one that encrypts much reserves every few minutes.
 *
 * At half of the ceiling it is given a successor (`counted-key.ts`); at the ceiling it makes no more.
 */
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { GroupRecord, KeyRecord } from '../../domain/record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';
import type { ChangeAsPlatform } from '../platform/change-as-platform.ts';
import { type CountedKey, countedKek, countedVersion, pathOf } from './counted-key.ts';

export interface GcmInvocationsParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly change: ChangeAsPlatform;
  /** Resolves when this worker has seen what another one committed. */
  readonly settled: () => Promise<void>;
  readonly clock: Clock;
  readonly report: Report;
  /** Invocations of one version; at most 2^32. */
  readonly ceiling: number;
}

interface Stride {
  left: number;
  /** Of the stride that is being used up. */
  size: number;
  reserving?: Promise<void>;
}

const strideMin = 1_024;
const strideMax = 1_048_576;
const stridesMax = 10_000;
const attemptsMax = 8;

export class GcmInvocations {
  readonly #parts: GcmInvocationsParts;
  readonly #strides = new Map<string, Stride>();

  constructor(parts: GcmInvocationsParts) {
    this.#parts = parts;
  }

  /**
   * To be awaited before the invocations. Nearly always there is nothing to wait for. Throws `key-exhausted`, and what keeps the
   * registry or the log from taking the reservation.
   */
  take(key: KeyRecord, version: number, invocations: number): Promise<void> | undefined {
    return this.#take(countedVersion(key, version), invocations);
  }

  /** The same for one DEK under the KEK that the group has. */
  takeOfKek(group: GroupRecord): Promise<void> | undefined {
    return this.#take(countedKek(group), 1);
  }

  #take(key: CountedKey, invocations: number): Promise<void> | undefined {
    const stride = this.#strideOf(key.id);
    if (stride.left < invocations) return this.#takeOfNext(stride, key, invocations);
    stride.left -= invocations;
    if (stride.left < stride.size / 4 && stride.reserving === undefined) this.#reserveAhead(stride, key);
    return undefined;
  }

  #strideOf(id: string): Stride {
    const known = this.#strides.get(id);
    if (known !== undefined) return known;
    const fresh = { left: 0, size: strideMin / 2 };
    this.#strides.set(id, fresh);
    if (this.#strides.size > stridesMax)
      for (const oldest of this.#strides.keys()) {
        this.#strides.delete(oldest);
        break;
      }
    return fresh;
  }

  async #takeOfNext(stride: Stride, key: CountedKey, invocations: number): Promise<void> {
    while (stride.left < invocations) await this.#reserve(stride, key);
    stride.left -= invocations;
  }

  /** Those who will need it wait for it then, and are told what went wrong. */
  #reserveAhead(stride: Stride, key: CountedKey): void {
    this.#reserve(stride, key).catch((error: unknown) =>
      this.#parts.report('gcm-reservation-failed', { object: pathOf(key), error }),
    );
  }

  /** One at a time for each version: callers share it. */
  #reserve(stride: Stride, key: CountedKey): Promise<void> {
    stride.reserving ??= this.#reserveNow(stride, key).finally(() => {
      delete stride.reserving;
    });
    return stride.reserving;
  }

  async #reserveNow(stride: Stride, key: CountedKey): Promise<void> {
    const wanted = Math.min(stride.size * 2, strideMax);
    for (let attempt = 1; ; attempt += 1) {
      try {
        // Added after the wait: callers go on taking during it.
        const size = await this.#commit(key, wanted);
        stride.left += size;
        stride.size = wanted;
        return;
      } catch (fault) {
        if (!isStrongroomError(fault) || fault.code !== 'version-conflict' || attempt === attemptsMax)
          throw fault;
        // Another worker reserved at the same moment.
        await this.#parts.settled();
      }
    }
  }

  async #commit(key: CountedKey, wanted: number): Promise<number> {
    const { registry, change, ceiling } = this.#parts;
    const { id, object } = key;
    const record = await registry.read('gcm-count', id);
    const before = record?.value.reserved ?? 0;
    const size = Math.min(wanted, ceiling - before);
    if (size <= 0) throw new StrongroomError('key-exhausted', { detail: pathOf(key) });
    const reserved = before + size;
    await change({
      operation: 'platform.key.reserve',
      objects: [object],
      carryOut: async ({ requestId }) => ({
        changes: [
          { kind: 'gcm-count', id, expectedVersion: record?.version ?? 0, value: { reserved } },
          ...(reserved > ceiling / 2 ? await key.retire(this.#parts, requestId) : []),
        ],
      }),
    });
    return size;
  }
}
