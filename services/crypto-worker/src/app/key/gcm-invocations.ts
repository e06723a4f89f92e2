/**
 * AES-GCM invocations of each key version, counted over all workers and restarts (NIST SP 800-38D section 8.3). A worker reserves a
 * stride in the registry before it uses it, so the registry never counts less than was done; a crash loses what was left of one
 * stride. Strides double as they are used up, from a thousand to a million: a worker that encrypts little and restarts often
 * wastes little, and one that encrypts much reserves every few minutes.
 *
 * At half of the ceiling a data key is rotated and an operator hears of any other; at the ceiling the version makes no more.
 */
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { KeyRecord } from '../../domain/record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordChange, Registry } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';
import type { ChangeAsPlatform } from '../platform/change-as-platform.ts';
import { rotationOf } from './key-appointment.ts';

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
    const stride = this.#strideOf(`${key.id}/${version}`);
    if (stride.left < invocations) return this.#takeOfNext(stride, key, version, invocations);
    stride.left -= invocations;
    if (stride.left < stride.size / 4 && stride.reserving === undefined)
      this.#reserveAhead(stride, key, version);
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

  async #takeOfNext(stride: Stride, key: KeyRecord, version: number, invocations: number): Promise<void> {
    while (stride.left < invocations) await this.#reserve(stride, key, version);
    stride.left -= invocations;
  }

  /** Those who will need it wait for it then, and are told what went wrong. */
  #reserveAhead(stride: Stride, key: KeyRecord, version: number): void {
    this.#reserve(stride, key, version).catch((error: unknown) =>
      this.#parts.report('gcm-reservation-failed', { object: `key/${key.group}/${key.name}`, error }),
    );
  }

  /** One at a time for each version: callers share it. */
  #reserve(stride: Stride, key: KeyRecord, version: number): Promise<void> {
    stride.reserving ??= this.#reserveNow(stride, key, version).finally(() => {
      delete stride.reserving;
    });
    return stride.reserving;
  }

  async #reserveNow(stride: Stride, key: KeyRecord, version: number): Promise<void> {
    const wanted = Math.min(stride.size * 2, strideMax);
    for (let attempt = 1; ; attempt += 1) {
      try {
        // Added after the wait: callers go on taking during it.
        const size = await this.#commit(key, version, wanted);
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

  async #commit(key: KeyRecord, version: number, wanted: number): Promise<number> {
    const { registry, change, ceiling } = this.#parts;
    const { group, name } = key;
    const id = `${key.id}/${version}`;
    const record = await registry.read('gcm-count', id);
    const before = record?.value.reserved ?? 0;
    const size = Math.min(wanted, ceiling - before);
    if (size <= 0) throw new StrongroomError('key-exhausted');
    const reserved = before + size;
    await change({
      operation: 'platform.key.reserve',
      objects: [{ kind: 'key', group, name, version }],
      carryOut: async ({ requestId }) => ({
        changes: [
          { kind: 'gcm-count', id, expectedVersion: record?.version ?? 0, value: { reserved } },
          ...(reserved > ceiling / 2 ? await this.#retire(key, version, requestId) : []),
        ],
      }),
    });
    return size;
  }

  /** Once is enough: where the rotation is due already, or the version is not the current one any more, nothing is added. */
  async #retire(
    { group, name }: KeyRecord,
    version: number,
    requestId: string,
  ): Promise<readonly RecordChange[]> {
    const { registry, clock, report } = this.#parts;
    const record = await registry.read('key', `${group}/${name}`);
    if (record?.value.currentVersion !== version) return [];
    const now = new Date(clock.nowMs()).toISOString();
    const { value } = record;
    if (value.purpose !== 'data') {
      report('key-nearly-exhausted', { object: `key/${group}/${name}`, count: version });
      return [];
    }
    if (value.rotateAt !== undefined && value.rotateAt <= now) return [];
    const due: KeyRecord = { ...value, rotateAt: now };
    return [
      { kind: 'key', id: record.id, expectedVersion: record.version, value: due },
      ...rotationOf(due, requestId),
    ];
  }
}
