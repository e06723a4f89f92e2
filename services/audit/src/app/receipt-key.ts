/**
 * The key that signs receipts: made in memory for one epoch, certified by the deployment's identity key through the
 * witness, gone with the process.
 */

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { digest, encodeBytes } from '@strongroom/canonical';
import { digestDomain, type SignedStatement } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { ed25519RawPublicKey, ed25519Sign, type KeyFile, verifyStatement } from '@strongroom/sealed';
import type { Witness } from '../ports/witness.ts';

export interface ReceiptKey {
  readonly epoch: number;
  readonly statement: SignedStatement;
  /** Ed25519 over SHA-256("strongroom/receipt/1" 0x00 canonical({ epoch, first, count, root })). */
  sign(batch: { readonly first: number; readonly count: number; readonly root: string }): string;
}

export interface ReceiptKeyParts {
  readonly witness: Witness;
  /** The audit service's own key, which the governance root names. */
  readonly serviceKey: KeyFile;
  /** 32 raw bytes. */
  readonly identity: Uint8Array;
}

export async function makeReceiptKey(parts: ReceiptKeyParts, epoch: number): Promise<ReceiptKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = encodeBytes(ed25519RawPublicKey(privateKey));
  const request = { epoch, publicKey };
  const signature = encodeBytes(parts.serviceKey.sign(digest(digestDomain.certify, request)));
  const signed = await parts.witness.certify({ ...request, signature });
  const { statement } = signed;
  const isOurs =
    statement.type === 'strongroom.receipt-key/1' &&
    statement.epoch === epoch &&
    statement.publicKey === publicKey;
  if (!isOurs || !verifyStatement(parts.identity, signed)) {
    throw new StrongroomError('identity-mismatch', { detail: 'the certificate of the receipt key' });
  }
  return { epoch, statement: signed, sign: (batch) => signReceipt(privateKey, { epoch, ...batch }) };
}

function signReceipt(
  key: KeyObject,
  promise: { readonly epoch: number; readonly first: number; readonly count: number; readonly root: string },
): string {
  const { epoch, first, count, root } = promise;
  return encodeBytes(ed25519Sign(key, digest(digestDomain.receipt, { epoch, first, count, root })));
}
