/**
 * Whether a worker of this deployment signed an append message. Carriers could otherwise write entries that never
 * happened; the signature is kept, so that auditors can check it again.
 */
import { type CanonicalValue, canonicalText, decodeBytes, digestBytes } from '@strongroom/canonical';
import {
  type AppendRequest,
  digestDomain,
  type SignedStatement,
  type WorkerKeyStatement,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { ed25519Verify, verifyStatement } from '@strongroom/sealed';
import { type ReceivedBody, receiveBody } from '../domain/entry.ts';

export interface AdmittedAppend {
  readonly worker: SignedStatement;
  readonly signature: string;
  readonly bodies: readonly ReceivedBody[];
}

/** Workers at work at one time, with those of the last restarts. */
const workersMax = 256;

/** Throws `denied` for a message that no certified worker signed. */
export function makeAdmitAppend({ identity, nowMs }: { identity: Uint8Array; nowMs: () => number }) {
  const known = new Map<string, WorkerKeyStatement>();
  const refuse = (detail: string): never => {
    throw new StrongroomError('denied', { detail });
  };

  const certifiedWorker = (signed: SignedStatement): WorkerKeyStatement => {
    const text = canonicalText(signed as unknown as CanonicalValue);
    const found = known.get(text);
    if (found !== undefined) return found;
    const { statement } = signed;
    if (statement.type !== 'strongroom.worker-key/1' || !verifyStatement(identity, signed)) {
      return refuse('the worker is not certified');
    }
    const [oldest] = known.keys();
    if (known.size >= workersMax && oldest !== undefined) known.delete(oldest);
    known.set(text, statement);
    return statement;
  };

  return (request: AppendRequest): AdmittedAppend => {
    const worker = certifiedWorker(request.worker);
    const now = nowMs();
    if (now < Date.parse(worker.notBefore) || now >= Date.parse(worker.notAfter))
      refuse('the worker key is not in force');
    const bodies = request.bodies.map(receiveBody);
    if (bodies.some(({ body }) => body.worker !== worker.worker)) refuse('the worker signs for another one');
    const hash = digestBytes(digestDomain.append, ...bodies.map(({ hash }) => hash));
    if (!ed25519Verify(decodeBytes(worker.publicKey), hash, decodeBytes(request.signature))) {
      refuse('the signature of the append message');
    }
    return { worker: request.worker, signature: request.signature, bodies };
  };
}
