/**
 * The key that signs receipts: made in memory for one epoch, certified by the deployment's identity key through the
 * witness, gone with the process. Nobody can make a receipt of this epoch later.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { digest, encodeBytes } from '@strongroom/canonical';
import { digestDomain, type ReceiptKeyStatement, type SignedStatement } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { ed25519RawPublicKey, ed25519Sign, verifyStatement } from '@strongroom/sealed';
import type { Clock } from '../ports/clock.ts';
import type { Witness } from '../ports/witness.ts';

export interface RunPromise {
  readonly first: number;
  readonly count: number;
  readonly root: Uint8Array;
}

export interface ReceiptKeyParts {
  readonly witness: Witness;
  /** Signs as the audit service that the governance root names. */
  readonly signAsService: (data: Uint8Array) => Uint8Array;
  /** 32 raw bytes of the deployment's identity key. */
  readonly identity: Uint8Array;
  readonly clock: Clock;
}

export class ReceiptKey {
  readonly epoch: number;
  readonly #parts: ReceiptKeyParts;
  readonly #privateKey: KeyObject;
  #certificate: SignedStatement | undefined;

  constructor(parts: ReceiptKeyParts, epoch: number) {
    this.epoch = epoch;
    this.#parts = parts;
    this.#privateKey = generateKeyPairSync('ed25519').privateKey;
  }

  /** What goes with every receipt; throws `audit-unavailable` while there is none in force. */
  get certificate(): SignedStatement {
    const certificate = this.#certificate;
    if (certificate === undefined || Date.parse(this.#parts.clock.now()) > this.#validUntilMs(certificate)) {
      throw new StrongroomError('audit-unavailable', { detail: 'the receipt key is not certified' });
    }
    return certificate;
  }

  /** Half of its time is over: enough to try again and again while the witness is away. */
  get isDueForCertificate(): boolean {
    if (this.#certificate === undefined) return true;
    const { notBefore } = this.#certificate.statement;
    const middle = (Date.parse(notBefore) + this.#validUntilMs(this.#certificate)) / 2;
    return Date.parse(this.#parts.clock.now()) > middle;
  }

  /**
   * Asks for a certificate of this key under its epoch; asked again, the same key gets a later one. Throws what the
   * witness throws, `identity-mismatch` for one that is not ours.
   */
  async certify(): Promise<void> {
    const { witness, signAsService, identity } = this.#parts;
    const publicKey = encodeBytes(ed25519RawPublicKey(this.#privateKey));
    const request = { epoch: this.epoch, publicKey };
    const signature = encodeBytes(signAsService(digest(digestDomain.certify, request)));
    const signed = await witness.certify({ ...request, signature });
    const { statement } = signed;
    const isOurs =
      statement.type === 'strongroom.receipt-key/1' &&
      statement.epoch === this.epoch &&
      statement.publicKey === publicKey;
    if (!isOurs || !verifyStatement(identity, signed)) {
      throw new StrongroomError('identity-mismatch', { detail: 'the certificate of the receipt key' });
    }
    this.#certificate = signed;
  }

  /** Ed25519 over SHA-256("strongroom/receipt/1" 0x00 canonical({ epoch, first, count, root })). */
  sign({ first, count, root }: RunPromise): string {
    const promise = { epoch: this.epoch, first, count, root: encodeBytes(root) };
    return encodeBytes(ed25519Sign(this.#privateKey, digest(digestDomain.receipt, promise)));
  }

  #validUntilMs(certificate: SignedStatement): number {
    return Date.parse((certificate.statement as ReceiptKeyStatement).notAfter);
  }
}
