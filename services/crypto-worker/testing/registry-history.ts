/** A worker's view and the tables it writes, for tests that need a history to attack. */
import assert from 'node:assert/strict';
import { planCommits, type RecordEdit } from '../src/domain/registry/commit-plan.ts';
import { Dictionary } from '../src/domain/registry/dictionary.ts';
import type { HeadReference } from '../src/domain/registry/head.ts';
import { openRecord } from '../src/domain/registry/record-body.ts';
import { type RecordName, recordName } from '../src/domain/registry/record-name.ts';
import { RegistrySeal } from '../src/domain/registry/registry-seal.ts';
import { StoredRegistry } from './stored-registry.ts';

export const historySeal = new RegistrySeal('default', new Uint8Array(32).fill(1));

/** Binding record `id` with the given principal; `undefined` removes it. */
export interface Write {
  readonly id: string;
  readonly principal: string | undefined;
}

export class RegistryHistory {
  readonly dictionary: Dictionary;
  readonly stored: StoredRegistry;
  /** What is true: id → principal. */
  readonly truth: Map<string, string>;

  constructor(
    stored = new StoredRegistry(),
    truth: ReadonlyMap<string, string> = new Map(),
    anchor?: HeadReference,
  ) {
    this.stored = stored;
    this.truth = new Map(truth);
    this.dictionary = new Dictionary(historySeal, anchor);
    const followed = this.dictionary.follow(stored.whole(this.dictionary.head), this.dictionary.head);
    assert.notEqual(followed.status, 'rolled-back');
  }

  commit(...writes: readonly Write[]): void {
    const edits = writes.map((write) => this.#edit(write));
    const { plan } = planCommits(this.dictionary, [edits]);
    assert.ok(plan !== undefined, 'the commit is refused');
    this.stored.write(plan);
    this.dictionary.adopt(plan.change);
    for (const { id, principal } of writes) {
      if (principal === undefined) this.truth.delete(id);
      else this.truth.set(id, principal);
    }
  }

  #edit({ id, principal }: Write): RecordEdit {
    const entry = this.dictionary.find(recordName('binding', id));
    const expectedVersion = typeof entry === 'string' ? 0 : entry.version;
    return {
      kind: 'binding',
      id,
      expectedVersion,
      value: principal === undefined ? undefined : { principal },
    };
  }
}

/** What a worker with this dictionary makes of these tables: the principal, proven absence, or a refusal. */
export function readBinding(dictionary: Dictionary, stored: StoredRegistry, id: string): string {
  const name: RecordName = recordName('binding', id);
  const entry = dictionary.find(name);
  if (entry === 'gap') return 'record-tampered';
  if (entry === 'absent') return 'absent';
  const value = openRecord(dictionary.seal, entry, stored.rows.get(name)) as
    | { principal: string }
    | undefined;
  return value === undefined ? 'record-tampered' : value.principal;
}
