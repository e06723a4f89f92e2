/**
 * Whether the log's writer has promised exactly what was asked for (I4). Every leaf is computed from the body that this
 * process made, and from the leaves of a run its root, which the receipt key has signed; that key is certified by the HSM
 * identity key for an epoch; and an epoch older than the newest one seen is a writer that was fenced off. What does not
 * hold is `receipt-invalid`, whatever else does.
 */
import {
  type CanonicalValue,
  canonicalText,
  decodeBytes,
  digest,
  encodeBytes,
  equalBytes,
} from '@strongroom/canonical';
import {
  type AppendReply,
  digestDomain,
  type Receipt,
  type ReceiptKeyStatement,
  type ReceiptRun,
  type SignedStatement,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { leafHash, rootHash } from '@strongroom/merkle';
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
    for (const run of reply.runs) {
      const leaves: Uint8Array[] = [];
      for (const receipt of run.receipts) {
        const { position, offset } = receipt;
        const body = sent[position];
        if (body === undefined || placed[position] !== undefined) throw invalid('position');
        const leaf = leafOf(receipt, body);
        if (!equalBytes(leaf, leaves[offset] ?? leaf)) throw invalid('two entries in one place');
        leaves[offset] = leaf;
        placed[position] = { status: 'placed', index: run.first + offset };
      }
      requireSigned(run, leaves, key);
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

function requireSigned(
  { first, count, signature }: ReceiptRun,
  leaves: readonly Uint8Array[],
  { epoch, publicKey }: ReceiptKeyStatement,
): void {
  // A hole in the run would be an entry that nobody has sent.
  if (leaves.length !== count || leaves.includes(undefined as never)) throw invalid('offset');
  const promised = digest(digestDomain.receipt, { epoch, first, count, root: encodeBytes(rootHash(leaves)) });
  if (!ed25519Verify(bytesOf(publicKey), promised, bytesOf(signature))) throw invalid('signature');
}

function leafOf({ placement }: Receipt, { text, objects }: SentBody): Uint8Array {
  if (placement.objectSeqs.length !== objects) throw invalid('sequence numbers');
  const leaf = `{"body":${text},"placement":${canonicalText(placement as unknown as CanonicalValue)}}`;
  return leafHash(Buffer.from(leaf, 'utf8'));
}

function bytesOf(text: string): Uint8Array {
  try {
    return decodeBytes(text);
  } catch {
    throw invalid('encoding');
  }
}

const invalid = (detail: string): StrongroomError => new StrongroomError('receipt-invalid', { detail });
