/** An append message: whether a certified worker of this deployment signed it. Pure. */
import { CanonicalError, decodeBytes, digestBytes } from '@strongroom/canonical';
import { digestDomain, type ExportedAppend, type WorkerKeyStatement } from '@strongroom/contracts';
import { ed25519Verify, verifyStatement } from '@strongroom/sealed';

export interface CheckedAppend {
  /** What is wrong with it; told with the first entry that came in it. */
  readonly problem: string | undefined;
  readonly worker: WorkerKeyStatement | undefined;
  readonly bodyHashes: readonly string[];
}

/** A certificate is the same in every message of its worker; verified once. */
export class AppendCheck {
  readonly #identity: Uint8Array;
  readonly #certified = new Set<string>();

  constructor(identity: Uint8Array) {
    this.#identity = identity;
  }

  check({ worker: signed, bodyHashes, signature }: ExportedAppend): CheckedAppend {
    const { statement } = signed;
    const failed = (problem: string): CheckedAppend => ({ problem, worker: undefined, bodyHashes });
    if (statement.type !== 'strongroom.worker-key/1')
      return failed('the signer of its append message is no worker');
    try {
      const name = JSON.stringify(signed);
      if (!this.#certified.has(name)) {
        if (!verifyStatement(this.#identity, signed))
          return failed('the worker that signed it is not certified');
        if (this.#certified.size >= workersMax) this.#certified.clear();
        this.#certified.add(name);
      }
      const hash = digestBytes(digestDomain.append, ...bodyHashes.map(decodeBytes));
      const isSigned = ed25519Verify(decodeBytes(statement.publicKey), hash, decodeBytes(signature));
      if (!isSigned) return failed('the signature of its append message does not verify');
      return { problem: undefined, worker: statement, bodyHashes };
    } catch (fault) {
      if (fault instanceof CanonicalError) return failed('its append message holds bytes of the wrong form');
      throw fault;
    }
  }
}

const workersMax = 1_024;
