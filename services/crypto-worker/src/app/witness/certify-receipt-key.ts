/**
 * Certifies the key of the log's writer for its epoch. Asked for by the audit service, whose key the governance root names.
 * Epochs only rise, and the HSM remembers the last: a writer that was fenced off gets no certificate any more.
 */
import { type CanonicalValue, decodeBytes, digest, encodeBytes } from '@strongroom/canonical';
import {
  type CertifyReply,
  type CertifyRequest,
  digestDomain,
  type GovernanceRoot,
  type ReceiptKeyStatement,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { ed25519Verify, statementDigest } from '@strongroom/sealed';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { Anchor } from '../../ports/anchor.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import { bytesField } from '../bytes-field.ts';

export interface CertifyParts {
  /** The pinned root; needed before the registry is filled. */
  readonly root: () => Promise<GovernanceRoot>;
  readonly anchor: Anchor;
  readonly hsm: Pick<Hsm, 'sign'>;
  readonly clock: Clock;
}

const validMs = 24 * 3_600_000;
const skewMs = 60_000;

export function makeCertifyReceiptKey({ root, anchor, hsm, clock }: CertifyParts) {
  return async ({ epoch, publicKey, signature }: CertifyRequest): Promise<CertifyReply> => {
    const signed = digest(digestDomain.certify, { epoch, publicKey } satisfies CanonicalValue);
    const { auditService } = await root();
    if (!ed25519Verify(decodeBytes(auditService), signed, bytesField(signature, 'signature')))
      throw new StrongroomError('proof-invalid', { detail: 'certify' });
    // Durable before the certificate exists; the same key again is no write, so a lost answer can be asked for again.
    await anchor.advance({ receiptKey: { epoch, publicKey } });
    const nowMs = clock.nowMs();
    const statement: ReceiptKeyStatement = {
      type: 'strongroom.receipt-key/1',
      epoch,
      publicKey,
      notBefore: new Date(nowMs - skewMs).toISOString(),
      notAfter: new Date(nowMs + validMs).toISOString(),
    };
    const certificate = encodeBytes(await hsm.sign(hsmLabel.identity, statementDigest(statement)));
    return { receiptKey: { statement, signature: certificate } };
  };
}
