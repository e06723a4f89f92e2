/** A whole log with its keys, made by hand, and the pages that an audit service would export of it. */
import { generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { type CanonicalValue, canonicalBytes, digestBytes, encodeBytes } from '@strongroom/canonical';
import {
  type AuditExportReply,
  type AuditFilter,
  type CountedSubject,
  digestDomain,
  type Entry,
  type EntryBody,
  type ExportedAppend,
  newRequestId,
  type SignedStatement,
} from '@strongroom/contracts';
import { formatCheckpoint, inclusionPath, leafHash, rootHash, signedNote } from '@strongroom/merkle';
import { ed25519RawPublicKey, ed25519Sign, identityFingerprint, signStatement } from '@strongroom/sealed';
import { matchesFilter } from '../src/verify/matches-filter.ts';

const origin = 'test-deployment';
const validity = { notBefore: '2029-01-01T00:00:00.000Z', notAfter: '2031-01-01T00:00:00.000Z' };

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly raw: Uint8Array;
}

function newKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { privateKey, raw: ed25519RawPublicKey(privateKey) };
}

export interface TestEntry {
  readonly index: number;
  readonly entry: Entry;
  readonly leaf: Uint8Array;
  readonly append: number;
  readonly offset: number;
}

export class TestExport {
  readonly identityKey = newKeyPair();
  readonly logKeyPair = newKeyPair();
  readonly workerKeys = newKeyPair();
  /** First line of the checkpoint. */
  checkpointOrigin = origin;
  readonly entries: TestEntry[] = [];
  readonly appends: ExportedAppend[] = [];
  readonly #numbers = new Map<string, number>();

  get fingerprint(): string {
    return identityFingerprint(this.identityKey.raw);
  }

  get identity(): string {
    return encodeBytes(this.identityKey.raw);
  }

  state(statement: SignedStatement['statement']): SignedStatement {
    return signStatement(statement, (bytes) => ed25519Sign(this.identityKey.privateKey, bytes));
  }

  get worker(): SignedStatement {
    const publicKey = encodeBytes(this.workerKeys.raw);
    return this.state({
      type: 'strongroom.worker-key/1',
      worker: 'worker-1',
      pool: 'default',
      publicKey,
      ...validity,
    });
  }

  get logKey(): SignedStatement {
    const publicKey = encodeBytes(this.logKeyPair.raw);
    return this.state({ type: 'strongroom.log-key/1', origin, publicKey, notBefore: validity.notBefore });
  }

  /** One append message. `change` is what a writer does to an entry that it should not. */
  append(bodies: readonly EntryBody[], change: (entry: Entry) => Entry = (entry) => entry): void {
    const id = this.entries.length;
    const hashes = bodies.map((body) => hash('sha256', bytesOf(body), 'buffer'));
    const signature = ed25519Sign(this.workerKeys.privateKey, digestBytes(digestDomain.append, ...hashes));
    const bodyHashes = hashes.map(encodeBytes);
    this.appends.push({ id, worker: this.worker, bodyHashes, signature: encodeBytes(signature) });
    for (const [offset, body] of bodies.entries()) {
      const index = this.entries.length;
      const at = new Date(Date.parse('2030-01-01T00:00:00.000Z') + index * 1_000).toISOString();
      const objectSeqs = body.objects.map(({ kind, group, name }) => this.#next(`${kind}/${group}/${name}`));
      const actorSeq = this.#next(body.actor.id);
      const counted =
        body.counts === undefined ? {} : { counted: this.#numbers.get(subjectOf(body.counts)) ?? 0 };
      const entry = change({ body, placement: { at, actorSeq, objectSeqs, ...counted } });
      this.entries.push({ index, entry, leaf: bytesOf(entry), append: id, offset });
    }
  }

  async *pages(filter: AuditFilter = {}, limit = 7): AsyncGenerator<AuditExportReply> {
    const chosen = this.entries.filter(({ entry }) => matchesFilter(entry, filter));
    for (let first = 0; first === 0 || first < chosen.length; first += limit) {
      yield this.page(chosen.slice(first, first + limit));
    }
  }

  page(chosen: readonly TestEntry[]): AuditExportReply {
    const hashes = this.entries.map(({ leaf }) => leafHash(leaf));
    const text = formatCheckpoint({
      origin: this.checkpointOrigin,
      size: hashes.length,
      root: rootHash(hashes),
    });
    const signature = ed25519Sign(this.logKeyPair.privateKey, Buffer.from(text));
    return {
      checkpoint: signedNote(text, origin, this.logKeyPair.raw, signature),
      checkpointSize: hashes.length,
      logKey: this.logKey,
      entries: chosen.map(({ index, leaf, append, offset }) => ({
        index,
        entry: encodeBytes(leaf),
        proof: inclusionPath(index, hashes).map(encodeBytes),
        append,
        offset,
      })),
      appends: this.appends.filter(({ id }) => chosen.some(({ append }) => append === id)),
    };
  }

  #next(subject: string): number {
    const number = (this.#numbers.get(subject) ?? 0) + 1;
    this.#numbers.set(subject, number);
    return number;
  }
}

const subjectOf = ({ kind, name }: CountedSubject) => (kind === 'actor' ? name : `${kind}/${name}`);

export function bodyOf(given: Partial<EntryBody> = {}, actor = 'user:alice'): EntryBody {
  return {
    v: 1,
    tenant: 'default',
    requestId: newRequestId(),
    phase: 'outcome',
    operation: 'secret.read',
    actor: { id: actor, proof: 'key' },
    objects: [{ kind: 'secret', group: 'default', name: 'database' }],
    outcome: 'done',
    request: {},
    reply: {},
    requestHash: encodeBytes(new Uint8Array(32).fill(7)),
    at: '2030-01-01T00:00:00.000Z',
    worker: 'worker-1',
    ...given,
  };
}

const bytesOf = (value: object): Uint8Array => canonicalBytes(value as unknown as CanonicalValue);

/** 23 entries in ten messages: three actors, two secrets, a key now and then. */
export function makeTestExport(): TestExport {
  const log = new TestExport();
  const actors = ['user:alice', 'user:bob', 'app:billing'];
  let made = 0;
  for (let message = 0; message < 10; message += 1) {
    const bodies = Array.from({ length: 1 + (message % 4) }, () => {
      made += 1;
      const name = made % 5 === 0 ? 'mail' : 'database';
      const objects = [
        { kind: 'secret', group: 'default', name },
        ...(made % 3 === 0 ? [{ kind: 'key', group: 'default', name: 'kek' }] : []),
      ];
      return bodyOf({ objects, outcome: made % 7 === 0 ? 'refused' : 'done' }, actors[made % 3]);
    });
    log.append(bodies);
  }
  return log;
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
