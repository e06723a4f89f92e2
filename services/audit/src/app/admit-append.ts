/**
 * Whether a worker of this deployment vouches for an append message. Carriers could otherwise write entries that never
 * happened. The signature is kept with the entries, so auditors check it again without trusting this service.
 */
import { type CanonicalValue, canonicalText, decodeBytes, digestBytes } from '@strongroom/canonical';
import {
  type AppendRequest,
  digestDomain,
  type SignedStatement,
  type WorkerKeyStatement,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { verifyStatement } from '@strongroom/sealed';
import type { AppendMessage } from '../domain/draft-batch.ts';
import { isTooLarge, prepareBody } from '../domain/entry.ts';
import type { Clock } from '../ports/clock.ts';
import type { SignatureCheck } from '../ports/signature-check.ts';

export interface AdmitAppendParts {
  /** 32 raw bytes of the deployment's identity key. */
  readonly identity: Uint8Array;
  readonly signatures: SignatureCheck;
  readonly clock: Clock;
}

/** Worker processes at work at one time, with those of the last restarts. */
const workersMax = 256;
/** Worker and writer run on different machines; a fresh certificate may seem to be from the future. */
const clockSkewMsMax = 60_000;

/** The returned function throws `proof-invalid` for a message that no certified worker signed, `request-invalid`. */
export function makeAdmitAppend({ identity, signatures, clock }: AdmitAppendParts) {
  const certified = new Map<string, WorkerKeyStatement>();

  const certifiedWorker = (signed: SignedStatement): WorkerKeyStatement => {
    const text = canonicalText(signed as unknown as CanonicalValue);
    const known = certified.get(text);
    if (known !== undefined) return known;
    const { statement } = signed;
    if (statement.type !== 'strongroom.worker-key/1' || !verifyStatement(identity, signed)) {
      throw new StrongroomError('proof-invalid', { detail: 'worker statement' });
    }
    const [oldest] = certified.keys();
    if (certified.size >= workersMax && oldest !== undefined) certified.delete(oldest);
    certified.set(text, statement);
    return statement;
  };

  return async (request: AppendRequest): Promise<AppendMessage> => {
    const worker = certifiedWorker(request.worker);
    assertInForce(worker, Date.parse(clock.now()));
    const bodies = request.bodies.map(prepareBody);
    for (const [position, body] of bodies.entries()) {
      if (body.body.worker !== worker.worker) throw invalid(position, 'the entry of another worker');
      if (isTooLarge(body)) throw invalid(position, 'larger than an entry may be');
    }
    const signed = digestBytes(digestDomain.append, ...bodies.map(({ hash }) => hash));
    const signature = decodeBytes(request.signature);
    if (!(await signatures.verify(decodeBytes(worker.publicKey), signed, signature))) {
      throw new StrongroomError('proof-invalid', { detail: 'append signature' });
    }
    return { worker: request.worker, signature, bodies };
  };
}

function assertInForce({ notBefore, notAfter }: WorkerKeyStatement, nowMs: number): void {
  if (nowMs < Date.parse(notBefore) - clockSkewMsMax || nowMs > Date.parse(notAfter) + clockSkewMsMax) {
    throw new StrongroomError('proof-expired', { detail: 'worker statement' });
  }
}

function invalid(position: number, problem: string): StrongroomError {
  return new StrongroomError('request-invalid', { detail: `/bodies/${position}: ${problem}` });
}
