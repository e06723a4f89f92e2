/**
 * The key of this process: made at start, certified by the HSM identity key, never stored. It signs what the process
 * appends to the log, so an entry can be laid at the door of one process, and nobody can sign for it when it is gone.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import type { SignedStatement, WorkerKeyStatement } from '@strongroom/contracts';
import { ed25519RawPublicKey, statementDigest } from '@strongroom/sealed';
import { hsmLabel } from '../domain/hsm-label.ts';
import type { Clock } from '../ports/clock.ts';
import type { Hsm } from '../ports/hsm.ts';

export interface WorkerKeyParts {
  readonly worker: string;
  readonly pool: string;
  readonly hsm: Pick<Hsm, 'sign'>;
  readonly clock: Clock;
}

const validMs = 24 * 3_600_000;
const skewMs = 60_000;

export class WorkerKey {
  readonly #parts: WorkerKeyParts;
  readonly #privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey;
  #signed: SignedStatement | undefined;
  #certifiedAtMs = 0;

  constructor(parts: WorkerKeyParts) {
    this.#parts = parts;
  }

  /** Gets a certificate, or a new one when half of its time is over. To be called at start and every minute or so. */
  async refresh(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    if (this.#signed !== undefined && nowMs - this.#certifiedAtMs < validMs / 2) return;
    this.#signed = await this.#certify(nowMs);
    this.#certifiedAtMs = nowMs;
  }

  statement(): SignedStatement {
    if (this.#signed === undefined) throw new TypeError('the worker key is not certified yet');
    return this.#signed;
  }

  sign(digest: Uint8Array): Uint8Array {
    return sign(null, digest, this.#privateKey);
  }

  async #certify(nowMs: number): Promise<SignedStatement> {
    const { worker, pool, hsm } = this.#parts;
    const statement: WorkerKeyStatement = {
      type: 'strongroom.worker-key/1',
      worker,
      pool,
      publicKey: encodeBytes(ed25519RawPublicKey(this.#privateKey)),
      notBefore: new Date(nowMs - skewMs).toISOString(),
      notAfter: new Date(nowMs + validMs).toISOString(),
    };
    return {
      statement,
      signature: encodeBytes(await hsm.sign(hsmLabel.identity, statementDigest(statement))),
    };
  }
}
