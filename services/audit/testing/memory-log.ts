/**
 * The log in memory: what PostgreSQL keeps, with the same promises. Several writers may stand on one of it, as on one
 * database. It holds rows and not objects of the service, so that nothing can be shared by accident.
 */
import assert from 'node:assert/strict';
import type { AuditFacet } from '@strongroom/contracts';
import type { EntryKey, NewAppend, NewBatch, NewEntry } from '../src/domain/batch.ts';
import { entryKey } from '../src/domain/entry.ts';
import {
  type EntryConditions,
  type EntrySelection,
  type EntrySpan,
  matches,
} from '../src/domain/entry-selection.ts';
import { splitSubjects, subjectOfActor, subjectOfObject } from '../src/domain/subject.ts';
import { type TileId, tileHeight, tileWidth } from '../src/domain/tile.ts';
import type {
  CheckpointStore,
  NewCheckpoint,
  StoredCheckpoint,
  StoredCosignature,
} from '../src/ports/checkpoint-store.ts';
import type { EntryCounts, EntryReader, ReadEntry } from '../src/ports/entry-reader.ts';
import type { CommitResult, LogHead, LogStore } from '../src/ports/log-store.ts';
import type { DroppedObject, OldEntries } from '../src/ports/old-entries.ts';

export interface MemoryEntry extends NewEntry {
  readonly index: number;
  readonly at: string;
}

export class MemoryLog implements LogStore, CheckpointStore, EntryReader, OldEntries {
  epoch = 0;
  beats = 0;
  /** Of those that left only hashes and numbers are looked at any more. */
  entries: MemoryEntry[] = [];
  first = 0;
  readonly byKey = new Map<string, MemoryEntry>();
  readonly appendRows = new Map<number, NewAppend>();
  readonly subtrees = new Map<string, Uint8Array>();
  checkpointRows: NewCheckpoint[] = [];
  cosignatureRows: StoredCosignature[] = [];

  async takeEpoch(seen: LogHead): Promise<LogHead | undefined> {
    if (seen.epoch !== this.epoch || seen.size !== this.entries.length || seen.beat !== this.beats)
      return undefined;
    this.epoch += 1;
    this.beats = 1;
    return this.head();
  }

  async head(): Promise<LogHead> {
    return { epoch: this.epoch, size: this.entries.length, beat: this.beats };
  }

  async beat(epoch: number): Promise<LogHead> {
    if (epoch === this.epoch) this.beats += 1;
    return this.head();
  }

  async release(epoch: number): Promise<void> {
    if (epoch === this.epoch) this.beats = 0;
  }

  async commit(batch: NewBatch): Promise<CommitResult> {
    if (batch.epoch !== this.epoch || batch.first !== this.entries.length) return 'moved';
    if (batch.entries.some((entry) => this.byKey.has(keyOf(entry)))) return 'occupied';
    for (const entry of batch.entries) {
      const row = { ...entry, index: this.entries.length, at: batch.at };
      this.entries.push(row);
      this.byKey.set(keyOf(entry), row);
    }
    for (const append of batch.appends) this.appendRows.set(append.id, append);
    for (const { level, index, hash } of batch.tileNodes) this.subtrees.set(`${level}/${index}`, hash);
    return 'committed';
  }

  async findPlaced(keys: readonly EntryKey[]) {
    return keys.flatMap((key) => this.byKey.get(keyOf(key)) ?? []);
  }

  async lastSequences(subjects: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { actors, objects } = splitSubjects(subjects);
    const lastOf = (sequence: (entry: MemoryEntry) => number | undefined) =>
      this.entries.reduce((last, entry) => sequence(entry) ?? last, 0);
    return new Map([
      ...actors.map((actor): [string, number] => [
        subjectOfActor(actor),
        lastOf((entry) => (entry.actor === actor ? entry.actorSeq : undefined)),
      ]),
      ...objects.map((object): [string, number] => [
        subjectOfObject(object),
        lastOf((entry) => entry.objects.get(object)),
      ]),
    ]);
  }

  async tiles(tiles: readonly TileId[]): Promise<readonly Uint8Array[]> {
    return tiles.map(({ level, index }) => {
      const from = index * tileWidth;
      if (level === 0)
        return Buffer.concat(this.entries.slice(from, from + tileWidth).map(({ leafHash }) => leafHash));
      const hashes = Array.from({ length: tileWidth }, (_, at) =>
        this.subtrees.get(`${level * tileHeight}/${from + at}`),
      );
      return Buffer.concat(hashes.filter((hash) => hash !== undefined));
    });
  }

  async leaves(first: number, end: number): Promise<readonly Uint8Array[]> {
    return this.entries.slice(Math.max(first, this.first), end).map(({ leaf }) => leaf);
  }

  async add(checkpoint: NewCheckpoint): Promise<void> {
    if (this.checkpointRows.every(({ size }) => size !== checkpoint.size))
      this.checkpointRows.push(checkpoint);
  }

  async addCosignature(given: StoredCosignature): Promise<void> {
    const isThere = ({ size, witness }: StoredCosignature) =>
      size === given.size && witness === given.witness;
    if (!this.cosignatureRows.some(isThere)) this.cosignatureRows.push(given);
  }

  async newest(cosignaturesMin = 0): Promise<StoredCheckpoint | undefined> {
    return this.checkpointRows
      .map((row) => this.#cosigned(row))
      .filter(({ cosignatures }) => cosignatures.length >= cosignaturesMin)
      .toSorted((one, other) => one.size - other.size)
      .at(-1);
  }

  async ofSize(size: number): Promise<StoredCheckpoint | undefined> {
    const row = this.checkpointRows.find((checkpoint) => checkpoint.size === size);
    return row && this.#cosigned(row);
  }

  #cosigned(row: NewCheckpoint): StoredCheckpoint {
    const own = this.cosignatureRows.filter(({ size }) => size === row.size);
    const sorted = own.toSorted((one, other) => (one.witness < other.witness ? -1 : 1));
    return { ...row, cosignatures: sorted.map(({ line }) => line) };
  }

  async size(): Promise<number> {
    return this.entries.length;
  }

  async heldFrom(): Promise<number> {
    return this.first;
  }

  async drop(first: number, objects: readonly DroppedObject[]): Promise<boolean> {
    const next = this.entries[first + tileWidth];
    if (first !== this.first || next === undefined) return false;
    const left = this.entries.slice(first, first + tileWidth);
    const named = left.flatMap(({ index, objects: own }) =>
      [...own.keys()].map((object) => ({ object, index })),
    );
    const sorted = (given: readonly DroppedObject[]) =>
      given.map(({ object, index }) => `${index} ${object}`).sort();
    assert.deepEqual(sorted(objects), sorted(named), 'every row about an object is named');
    for (const entry of left) this.byKey.delete(keyOf(entry));
    for (const id of this.appendRows.keys()) if (id < next.append) this.appendRows.delete(id);
    this.first += tileWidth;
    return true;
  }

  async firstSince(at: string, size: number): Promise<number | undefined> {
    const gone = this.entries[this.first - 1];
    if (gone !== undefined && gone.at >= at) return undefined;
    const index = this.entries.slice(0, size).findIndex((entry) => entry.at >= at);
    return index < 0 ? size : index;
  }

  async find({ order, limit, ...span }: EntrySelection): Promise<readonly ReadEntry[]> {
    const found = this.#fitting(span);
    return (order === 'oldest-first' ? found : found.toReversed()).slice(0, limit);
  }

  async count(span: EntrySpan, by: AuditFacet, limit: number): Promise<EntryCounts> {
    const found = this.#fitting(span);
    const counts = new Map<string, number>();
    for (const { [by]: value } of found)
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
    const sorted = [...counts].toSorted(
      ([one, more], [other, less]) => less - more || (one < other ? -1 : 1),
    );
    return {
      total: found.length,
      counts: sorted.slice(0, limit).map(([value, count]) => ({ value, count })),
    };
  }

  #fitting({ first, end, anyOf }: EntrySpan): MemoryEntry[] {
    return this.entries
      .slice(Math.max(first, this.first), end)
      .filter((entry) => anyOf.some((conditions) => isFitting(entry, conditions)));
  }

  async appends(ids: readonly number[]): Promise<readonly NewAppend[]> {
    return ids.flatMap((id) => this.appendRows.get(id) ?? []);
  }
}

const keyOf = ({ actor, requestId, phase }: EntryKey): string => entryKey(actor, requestId, phase);

function isFitting(entry: MemoryEntry, conditions: EntryConditions): boolean {
  const { actor, operation, objects, ...equal } = conditions;
  return (
    (actor === undefined || matches(actor, entry.actor)) &&
    (operation === undefined || matches(operation, entry.operation)) &&
    Object.entries(equal).every(([name, value]) => entry[name as keyof typeof equal] === value) &&
    objects.every((object) => entry.objects.has(object))
  );
}
