/**
 * Whether the log's writer has promised exactly what was asked for (I4). Every leaf is computed again from the body that
 * this process made; the path leads from it to the root of a batch, which the receipt key has signed; that key is
 * certified by the HSM identity key for an epoch; and an epoch older than the newest one seen is a writer that was fenced
 * off. What does not hold is `receipt-invalid`, whatever else does.
 */
import { type CanonicalValue, canonicalText, decodeBytes, digest, equalBytes } from '@strongroom/canonical';
import {
  type AppendReply,
  digestDomain,
  type Receipt,
  type ReceiptKeyStatement,
  type SignedStatement,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { leafHash, rootFromInclusion } from '@strongroom/merkle';
import { ed25519Verify, verifyStatement } from '@strongroom/sealed';

/** A body as it was sent. */
export interface SentBody {
  /** Canonical text. */
  readonly text: string;
  readonly objects: number;
}

/** Index of the entry, or that the log holds another body in its place. */
export type Placed = { readonly status: 'placed'; readonly index: number } | { readonly status: 'replayed' };

export interface ReceiptCheckParts {
  /** 32 raw bytes of the deployment's identity key. */
  readonly identity: Uint8Array;
  readonly nowMs: () => number;
}

type Batch = AppendReply['batches'][number];

const clockSkewMs = 60_000;
const certificatesMax = 8;

export class ReceiptCheck {
  readonly #parts: ReceiptCheckParts;
  /** Certificates that were verified, by their signature and statement; the oldest leaves. */
  readonly #certificates = new Map<string, ReceiptKeyStatement>();
  #newestEpoch = 0;

  constructor(parts: ReceiptCheckParts) {
    this.#parts = parts;
  }

  /** 0 before the first receipt. */
  get newestEpoch(): number {
    return this.#newestEpoch;
  }

  /** A newer writer was certified, as the HSM remembers: older ones are over for this worker too, heard of or not. */
  raiseEpoch(epoch: number): void {
    this.#newestEpoch = Math.max(this.#newestEpoch, epoch);
  }

  /** One answer for each body, in their order. Throws `receipt-invalid`. */
  check(reply: AppendReply, sent: readonly SentBody[]): readonly Placed[] {
    const key = this.#certified(reply.receiptKey);
    const placed: Placed[] = [];
    for (const batch of reply.batches) {
      requireSigned(batch, key);
      const root = bytesOf(batch.root);
      for (const receipt of batch.receipts) {
        const body = sent[receipt.position];
        if (body === undefined || placed[receipt.position] !== undefined) throw invalid('position');
        requireIncluded(batch, root, receipt, body);
        placed[receipt.position] = { status: 'placed', index: receipt.index };
      }
    }
    for (const position of reply.replayed) {
      if (sent[position] === undefined || placed[position] !== undefined) throw invalid('position');
      placed[position] = { status: 'replayed' };
    }
    for (let position = 0; position < sent.length; position += 1)
      if (placed[position] === undefined) throw invalid('an entry without a receipt');
    // Only now: who can not sign must not be able to end an epoch.
    this.#newestEpoch = key.epoch;
    return placed;
  }

  #certified(signed: SignedStatement): ReceiptKeyStatement {
    const { statement } = signed;
    if (statement.type !== 'strongroom.receipt-key/1') throw invalid('certificate');
    const name = canonicalText(signed as unknown as CanonicalValue);
    if (!this.#certificates.has(name)) {
      bytesOf(signed.signature);
      if (!verifyStatement(this.#parts.identity, signed)) throw invalid('certificate');
      const [oldest] = this.#certificates.keys();
      if (this.#certificates.size >= certificatesMax && oldest !== undefined)
        this.#certificates.delete(oldest);
      this.#certificates.set(name, statement);
    }
    const nowMs = this.#parts.nowMs();
    const isInForce =
      nowMs >= Date.parse(statement.notBefore) - clockSkewMs &&
      nowMs <= Date.parse(statement.notAfter) + clockSkewMs;
    if (!isInForce) throw invalid('certificate out of its time');
    if (statement.epoch < this.#newestEpoch) throw invalid('an epoch that is over');
    return statement;
  }
}

function requireSigned({ epoch, first, count, root, signature }: Batch, key: ReceiptKeyStatement): void {
  if (epoch !== key.epoch) throw invalid('epoch');
  const promised = digest(digestDomain.receipt, { epoch, first, count, root });
  if (!ed25519Verify(bytesOf(key.publicKey), promised, bytesOf(signature))) throw invalid('signature');
}

function requireIncluded(
  { first, count }: Batch,
  root: Uint8Array,
  { index, offset, path, placement }: Receipt,
  { text, objects }: SentBody,
): void {
  if (index !== first + offset || offset >= count) throw invalid('index');
  if (placement.objectSeqs.length !== objects) throw invalid('sequence numbers');
  const leaf = `{"body":${text},"placement":${canonicalText(placement as unknown as CanonicalValue)}}`;
  const computed = rootFromInclusion(leafHash(Buffer.from(leaf, 'utf8')), offset, count, path.map(bytesOf));
  if (computed === undefined || !equalBytes(computed, root)) throw invalid('path');
}

function bytesOf(text: string): Uint8Array {
  try {
    return decodeBytes(text);
  } catch {
    throw invalid('encoding');
  }
}

const invalid = (detail: string): StrongroomError => new StrongroomError('receipt-invalid', { detail });
