/** Requests of the audit service to the witnessing worker: certificates of receipt keys, signatures on checkpoints. */
import { type Static, Type } from 'typebox';
import { Bytes32, Count, closed, Signature, Text, Version } from '../fields.ts';
import { SignedStatement } from './statement.ts';

/**
 * Asks for a certificate of the receipt key of a new epoch. The signature is by the audit service's own key, which the
 * governance root names, over SHA-256("strongroom/certify/1" 0x00 canonical({ epoch, publicKey })).
 */
export const CertifyRequest = closed({ epoch: Version, publicKey: Bytes32, signature: Signature });
export type CertifyRequest = Static<typeof CertifyRequest>;
export const CertifyReply = closed({ receiptKey: SignedStatement });
export type CertifyReply = Static<typeof CertifyReply>;

/**
 * Asks for a signature on the tree of `size`; `proof` is the RFC 6962 consistency proof from the last signed size. A writer
 * of an epoch before the last certified one was fenced off and gets no signature any more.
 */
export const WitnessRequest = closed({
  epoch: Version,
  previousSize: Count,
  size: Count,
  root: Bytes32,
  proof: Type.Array(Bytes32, { maxItems: 126 }),
});
export type WitnessRequest = Static<typeof WitnessRequest>;
export const WitnessReply = Type.Union([
  closed({ status: Type.Literal('signed'), note: Text(4_096), logKey: SignedStatement }),
  /** The last signed size is another than `previousSize`; ask again from there. */
  closed({ status: Type.Literal('stale'), size: Count }),
]);
export type WitnessReply = Static<typeof WitnessReply>;
