/**
 * Verified records, least recently read first out. A record is good as long as the dictionary still has the very entry
 * that it was verified against, so nothing needs to be told when records change.
 */
import type { RecordKind } from '../../domain/record.ts';
import type { BucketEntry } from '../../domain/registry/bucket.ts';
import type { RecordName } from '../../domain/registry/record-name.ts';
import type { RegistryRecord } from '../../ports/registry.ts';

interface Cached {
  readonly entry: BucketEntry;
  readonly record: RegistryRecord<RecordKind>;
  readonly bytes: number;
}

/** Name, entry and record as objects, beside the value. An estimate, so that many small records count too. */
const bytesEach = 500;

export class RecordCache {
  readonly #bytesMax: number;
  readonly #cached = new Map<RecordName, Cached>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(name: RecordName, entry: BucketEntry): RegistryRecord<RecordKind> | undefined {
    const cached = this.#cached.get(name);
    if (cached?.entry !== entry) return undefined;
    // A Map iterates in order of insertion: putting it in again makes it the most recent.
    this.#cached.delete(name);
    this.#cached.set(name, cached);
    return cached.record;
  }

  put(name: RecordName, entry: BucketEntry, record: RegistryRecord<RecordKind>, valueBytes: number): void {
    this.#drop(name);
    const bytes = valueBytes + bytesEach;
    // One that does not fit must not push out all others on its way.
    if (bytes > this.#bytesMax) return;
    this.#cached.set(name, { entry, record, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#cached.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#drop(oldest);
    }
  }

  #drop(name: RecordName): void {
    this.#bytes -= this.#cached.get(name)?.bytes ?? 0;
    this.#cached.delete(name);
  }
}
