/** The parties around the log: the identity, workers that sign appends and check receipts, the witness. */
import { generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import {
  type CanonicalValue,
  canonicalBytes,
  decodeBytes,
  digest,
  digestBytes,
  encodeBytes,
} from '@strongroom/canonical';
import {
  type AppendReply,
  type AppendRequest,
  type CertifyRequest,
  checkers,
  digestDomain,
  type EntryBody,
  newRequestId,
  type ReceiptKeyStatement,
  type SignedStatement,
  type WitnessReply,
  type WitnessRequest,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import {
  emptyRoot,
  formatCheckpoint,
  leafHash,
  rootHash,
  signedNote,
  verifyConsistency,
} from '@strongroom/merkle';
import {
  ed25519RawPublicKey,
  ed25519Sign,
  ed25519Verify,
  signStatement,
  verifyStatement,
} from '@strongroom/sealed';
import type { Witness } from '../src/ports/witness.ts';

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly raw: Uint8Array;
}

export function newKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { privateKey, raw: ed25519RawPublicKey(privateKey) };
}

const validity = { notBefore: '2020-01-01T00:00:00.000Z', notAfter: '2099-01-01T00:00:00.000Z' };
export const origin = 'test-deployment';

export class TestDeployment {
  readonly identityKey = newKeyPair();
  readonly logKeyPair = newKeyPair();
  /** Of which the witness knows the public half. */
  serviceKey = newKeyPair();

  get identity(): Uint8Array {
    return this.identityKey.raw;
  }

  get logKey(): SignedStatement {
    const publicKey = encodeBytes(this.logKeyPair.raw);
    return this.state({ type: 'strongroom.log-key/1', origin, publicKey, notBefore: validity.notBefore });
  }

  state(statement: SignedStatement['statement']): SignedStatement {
    return signStatement(statement, (bytes) => ed25519Sign(this.identityKey.privateKey, bytes));
  }

  signAsService = (data: Uint8Array): Uint8Array => ed25519Sign(this.serviceKey.privateKey, data);

  worker(name = 'worker-1', times: Partial<typeof validity> = {}): TestWorker {
    return new TestWorker(this, name, { ...validity, ...times });
  }

  witness(): TestWitness {
    return new TestWitness(this);
  }
}

let bodies = 0;

export function bodyOf(given: Partial<EntryBody> & { readonly actorId?: string } = {}): EntryBody {
  const { actorId = 'user:alice', ...rest } = given;
  bodies += 1;
  return {
    v: 1,
    tenant: 'default',
    requestId: newRequestId(),
    phase: 'outcome',
    operation: 'secret.read',
    actor: { id: actorId, proof: 'key' },
    objects: [{ kind: 'secret', group: 'default', name: 'database' }],
    outcome: 'done',
    request: { number: String(bodies) },
    reply: {},
    requestHash: encodeBytes(new Uint8Array(32).fill(7)),
    at: '2030-01-01T00:00:00.000Z',
    worker: 'worker-1',
    ...rest,
  };
}

/** Signs as a crypto worker does and checks receipts as a crypto worker must. */
export class TestWorker {
  readonly #deployment: TestDeployment;
  readonly #keys = newKeyPair();
  readonly statement: SignedStatement;

  constructor(deployment: TestDeployment, worker: string, times: typeof validity) {
    this.#deployment = deployment;
    const publicKey = encodeBytes(this.#keys.raw);
    this.statement = deployment.state({
      type: 'strongroom.worker-key/1',
      worker,
      pool: 'default',
      publicKey,
      ...times,
    });
  }

  sign(entries: readonly EntryBody[]): AppendRequest {
    const hashes = entries.map((body) => digestOf(body));
    const signature = ed25519Sign(this.#keys.privateKey, digestBytes(digestDomain.append, ...hashes));
    return { worker: this.statement, bodies: [...entries], signature: encodeBytes(signature) };
  }

  /** Index of each body, by its position; throws unless every promise of the answer holds. */
  verify(entries: readonly EntryBody[], reply: AppendReply): ReadonlyMap<number, number> {
    if (!checkers.appendReply.check(reply))
      throw new Error(`reply: ${checkers.appendReply.problemOf(reply)}`);
    const { receiptKey } = reply;
    const statement = receiptKey.statement as ReceiptKeyStatement;
    if (!verifyStatement(this.#deployment.identity, receiptKey))
      throw new Error('the receipt key is not certified');
    const indexes = new Map<number, number>();
    const { epoch } = statement;
    for (const { first, count, signature, receipts } of reply.runs) {
      const leaves: Uint8Array[] = [];
      for (const { position, offset, placement } of receipts) {
        const leaf = canonicalBytes({ body: entries[position], placement } as unknown as CanonicalValue);
        leaves[offset] = leafHash(leaf);
        if (indexes.has(position)) throw new Error('two receipts for one entry');
        indexes.set(position, first + offset);
      }
      if (leaves.length !== count) throw new Error('a run with a hole');
      const root = encodeBytes(rootHash(leaves));
      const promise = digest(digestDomain.receipt, { epoch, first, count, root });
      if (!ed25519Verify(decodeBytes(statement.publicKey), promise, decodeBytes(signature)))
        throw new Error('signature');
    }
    for (const position of reply.replayed) {
      if (indexes.has(position)) throw new Error('taken and replayed');
    }
    if (indexes.size + reply.replayed.length !== entries.length) throw new Error('an entry has no answer');
    return indexes;
  }
}

function digestOf(body: EntryBody): Uint8Array {
  return hash('sha256', canonicalBytes(body as unknown as CanonicalValue), 'buffer');
}

/** The first witness: certifies under a rising epoch, signs only what extends what it signed. */
export class TestWitness implements Witness {
  readonly #deployment: TestDeployment;
  signed = { size: 0, root: emptyRoot };
  certified = { epoch: 0, publicKey: '' };
  /** While set, it answers with this. */
  fault: StrongroomError | undefined;
  requests: WitnessRequest[] = [];
  certificateMs = 24 * 3_600_000;
  nowMs = (): number => Date.parse('2030-01-01T00:00:00.000Z');

  constructor(deployment: TestDeployment) {
    this.#deployment = deployment;
  }

  async certify({ epoch, publicKey, signature }: CertifyRequest): Promise<SignedStatement> {
    if (this.fault !== undefined) throw this.fault;
    const asked = digest(digestDomain.certify, { epoch, publicKey });
    if (!ed25519Verify(this.#deployment.serviceKey.raw, asked, decodeBytes(signature))) {
      throw new StrongroomError('proof-invalid');
    }
    const isOther = epoch === this.certified.epoch && publicKey !== this.certified.publicKey;
    if (epoch < this.certified.epoch || isOther)
      throw new StrongroomError('version-conflict', { detail: 'epoch' });
    this.certified = { epoch, publicKey };
    const [notBefore, notAfter] = [this.nowMs(), this.nowMs() + this.certificateMs].map((ms) =>
      new Date(ms).toISOString(),
    ) as [string, string];
    return this.#deployment.state({
      type: 'strongroom.receipt-key/1',
      epoch,
      publicKey,
      notBefore,
      notAfter,
    });
  }

  async sign(request: WitnessRequest): Promise<WitnessReply> {
    if (this.fault !== undefined) throw this.fault;
    this.requests.push(request);
    const { epoch, previousSize, size } = request;
    const [root, proof] = [decodeBytes(request.root), request.proof.map(decodeBytes)];
    if (previousSize !== this.signed.size) return { status: 'stale', size: this.signed.size };
    if (epoch < this.certified.epoch) throw new StrongroomError('version-conflict', { detail: 'epoch' });
    if (!verifyConsistency(previousSize, this.signed.root, size, root, proof)) {
      throw new StrongroomError('record-tampered', { detail: 'the tree does not extend the signed one' });
    }
    this.signed = { size, root };
    const text = formatCheckpoint({ origin, size, root });
    const { privateKey, raw } = this.#deployment.logKeyPair;
    const note = signedNote(text, origin, raw, ed25519Sign(privateKey, Buffer.from(text)));
    return { status: 'signed', note, logKey: this.#deployment.logKey };
  }
}
