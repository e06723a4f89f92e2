/**
 * The sealing keys of this worker: the private halves that it may open with, in memory, and the statements of the public
 * halves, signed by the HSM identity key. Every worker of the pool has the same ones, since the registry holds them.
 */
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { SealingKeyStatement, SealingKeys, SignedStatement } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { importSealingKey, type SealingPrivateKey, sealingKeyId, statementDigest } from '@strongroom/sealed';
import { SecretBytes } from '@strongroom/secret';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { SealingKeyRecord } from '../../domain/record.ts';
import { isInGrace, neededEpochs, sealingEpochAt } from '../../domain/sealing-epoch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { sealingKeyContext, sealingKeyRecordId } from './make-sealing-key.ts';

export interface SealingKeyringParts {
  readonly tenant: string;
  readonly pool: string;
  readonly identity: Uint8Array;
  readonly hsm: Pick<Hsm, 'decrypt' | 'sign'>;
  readonly registry: Pick<Registry, 'read' | 'sequence'>;
  readonly makeSealingKey: (epoch: number) => Promise<void>;
  readonly clock: Clock;
}

interface Held {
  readonly privateKey: SealingPrivateKey;
  readonly signed: SignedStatement & { readonly statement: SealingKeyStatement };
}

export class SealingKeyring {
  readonly #parts: SealingKeyringParts;
  readonly #held = new Map<number, Promise<Held | undefined>>();
  #announced: readonly Held['signed'][] = [];

  constructor(parts: SealingKeyringParts) {
    this.#parts = parts;
  }

  /** Makes what is missing and forgets what is past its grace. To be called at start and every minute or so. */
  async refresh(): Promise<void> {
    const { clock, makeSealingKey } = this.#parts;
    const nowMs = clock.nowMs();
    for (const epoch of this.#held.keys()) if (!isInGrace(epoch, nowMs)) this.#held.delete(epoch);
    const announced: Held['signed'][] = [];
    for (const epoch of neededEpochs(nowMs)) {
      if ((await this.#find(epoch)) === undefined) await makeSealingKey(epoch);
      const held = await this.#find(epoch);
      if (held === undefined) throw new StrongroomError('state-stale', { detail: 'sealing key' });
      announced.push(held.signed);
    }
    // The day before is in force for a while: a caller with a slow clock may not know a newer one yet.
    const before = await this.#find(sealingEpochAt(nowMs) - 1);
    if (before !== undefined && before.signed.statement.notAfter > new Date(nowMs).toISOString())
      announced.unshift(before.signed);
    this.#announced = announced;
  }

  /** For opening. Epochs past their grace and those that never were are alike. */
  async privateKeyOf(epoch: number): Promise<SealingPrivateKey | undefined> {
    if (!isInGrace(epoch, this.#parts.clock.nowMs())) return undefined;
    return (await this.#find(epoch))?.privateKey;
  }

  /** What callers fetch before they can seal. */
  announcement(): SealingKeys {
    const { identity, registry } = this.#parts;
    const keys = [...this.#announced];
    if (keys.length === 0) throw new StrongroomError('state-stale', { detail: 'no sealing key yet' });
    return { identity: encodeBytes(identity), keys, registrySequence: registry.sequence() };
  }

  /** The newest key in force. */
  newest(): { readonly epoch: number; readonly notAfter: string } {
    const now = new Date(this.#parts.clock.nowMs()).toISOString();
    const inForce = this.#announced.filter(({ statement }) => statement.notBefore <= now).at(-1);
    if (inForce === undefined) throw new StrongroomError('state-stale', { detail: 'no sealing key yet' });
    const { epoch, notAfter } = inForce.statement;
    return { epoch, notAfter };
  }

  /** One question for all who ask at once; what fails or is absent is asked again. */
  #find(epoch: number): Promise<Held | undefined> {
    const known = this.#held.get(epoch);
    if (known !== undefined) return known;
    const found = this.#load(epoch);
    this.#held.set(epoch, found);
    const forget = () => this.#held.delete(epoch);
    found.then((held) => held ?? forget(), forget);
    return found;
  }

  async #load(epoch: number): Promise<Held | undefined> {
    const { tenant, pool, hsm, registry } = this.#parts;
    const record = await registry.read('sealing-key', sealingKeyRecordId(pool, epoch));
    if (record === undefined) return undefined;
    const { value } = record;
    const { publicKey, wrappedPrivateKey, wrappedBy } = value;
    const context = sealingKeyContext(tenant, pool, epoch, publicKey);
    const wrapped = decodeBytes(wrappedPrivateKey);
    try {
      using secret = SecretBytes.adopt(
        await hsm.decrypt({ kind: 'token', label: wrappedBy }, wrapped, context),
      );
      const privateKey = await importSealingKey(epoch, secret, decodeBytes(publicKey));
      return { privateKey, signed: await this.#sign(epoch, value) };
    } catch (cause) {
      // What does not open, or is not one pair, is not what a worker wrote; an HSM that is away says so itself.
      if (isStrongroomError(cause) && cause.code !== 'ciphertext-invalid') throw cause;
      throw new StrongroomError('record-tampered', { detail: 'sealing key', cause });
    }
  }

  async #sign(epoch: number, { publicKey, notBefore, notAfter }: SealingKeyRecord): Promise<Held['signed']> {
    const { tenant, pool, hsm } = this.#parts;
    const statement: SealingKeyStatement = {
      type: 'strongroom.sealing-key/1',
      tenant,
      pool,
      epoch,
      keyId: sealingKeyId(epoch),
      publicKey,
      notBefore,
      notAfter,
    };
    const signature = encodeBytes(await hsm.sign(hsmLabel.identity, statementDigest(statement)));
    return { statement, signature };
  }
}
