/**
 * Whether a worker of this deployment vouches for an append message. Carriers could otherwise write entries that never
 * happened. The signature is kept with the entries, so auditors check it again without trusting this service.
 */
import {
  CanonicalError,
  type CanonicalValue,
  canonicalText,
  decodeBytes,
  digestBytes,
} from '@strongroom/canonical';
import {
  type AppendRequest,
  digestDomain,
  type SignedStatement,
  type WorkerKeyStatement,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { ed25519Verify, verifyStatement } from '@strongroom/sealed';
import type { AppendMessage } from '../domain/draft-batch.ts';
import { isTooLarge, type PreparedBody, prepareBody } from '../domain/entry.ts';
import type { Clock } from '../ports/clock.ts';

export interface AdmitAppendParts {
  /** 32 raw bytes of the deployment's identity key. */
  readonly identity: Uint8Array;
  readonly clock: Clock;
}

/** Worker processes at work at one time, with those of the last restarts. */
const workersMax = 256;
/** Worker and writer run on different machines; a fresh certificate may seem to be from the future. */
const clockSkewMsMax = 60_000;

/** The returned function throws `proof-invalid` for a message that no certified worker signed, `request-invalid`. */
export function makeAdmitAppend({ identity, clock }: AdmitAppendParts) {
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

  return (request: AppendRequest): AppendMessage => {
    const worker = certifiedWorker(request.worker);
    assertInForce(worker, Date.parse(clock.now()));
    const bodies = prepareBodies(request.bodies);
    for (const [position, body] of bodies.entries()) {
      if (body.body.worker !== worker.worker) throw invalid(position, 'the entry of another worker');
      if (isTooLarge(body)) throw invalid(position, 'larger than an entry may be');
    }
    const signed = digestBytes(digestDomain.append, ...bodies.map(({ hash }) => hash));
    const signature = decodeBytes(request.signature);
    // On the event loop: about 200 us for a message, and a thread that has to be woken costs a lone message as much.
    if (!ed25519Verify(decodeBytes(worker.publicKey), signed, signature)) {
      throw new StrongroomError('proof-invalid', { detail: 'append signature' });
    }
    return { worker: request.worker, signature, bodies };
  };
}

/**
 * The bodies came as any JSON. Their canonical text is made here, is what the worker must have signed, and is what goes into
 * the log: a body that was written in another way, or changed, has another hash than the signature covers.
 */
function prepareBodies(bodies: AppendRequest['bodies']): readonly PreparedBody[] {
  try {
    return bodies.map(prepareBody);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('message-malformed', { detail: fault.reason });
  }
}

function assertInForce({ notBefore, notAfter }: WorkerKeyStatement, nowMs: number): void {
  if (nowMs < Date.parse(notBefore) - clockSkewMsMax || nowMs > Date.parse(notAfter) + clockSkewMsMax) {
    throw new StrongroomError('proof-expired', { detail: 'worker statement' });
  }
}

function invalid(position: number, problem: string): StrongroomError {
  return new StrongroomError('request-invalid', { detail: `/bodies/${position}: ${problem}` });
}
