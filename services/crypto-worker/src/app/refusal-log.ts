/**
 * Refusals of what nobody has proven. Anybody who reaches the bus can cause them, so a flood must neither fill the log nor
 * drown in it: a bounded number a second becomes an entry each, and all others of a short while become one entry together,
 * with their exact number by code and a hash over every one of them. No answer leaves before its entry has a receipt.
 */
import { createHash, type Hash } from 'node:crypto';
import { type EntryBody, newRequestId } from '@strongroom/contracts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Clock, Pause } from '../ports/clock.ts';
import { anonymousActor, type MakeEntryBody } from './entry-bodies.ts';

export interface RefusalLogParts {
  readonly auditLog: Pick<AuditLog, 'append'>;
  readonly makeBody: MakeEntryBody;
  readonly clock: Clock;
  readonly pause: Pause;
  /** Entries of their own a second. */
  readonly perSecondMax?: number;
  /** How long refusals gather for a common entry. */
  readonly gatherMs?: number;
}

interface Gathering {
  readonly hash: Hash;
  readonly codes: Map<string, number>;
  readonly entry: Promise<number>;
}

const perSecondMaxDefault = 20;
const gatherMsDefault = 100;

export class RefusalLog {
  readonly #parts: RefusalLogParts;
  #second = 0;
  #inSecond = 0;
  #gathering: Gathering | undefined;

  constructor(parts: RefusalLogParts) {
    this.#parts = parts;
  }

  append(body: EntryBody): Promise<number> {
    return this.#hasBudget() ? this.#parts.auditLog.append(body) : this.#gather(body);
  }

  #hasBudget(): boolean {
    const second = Math.floor(this.#parts.clock.nowMs() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond += 1;
    return this.#inSecond <= (this.#parts.perSecondMax ?? perSecondMaxDefault);
  }

  #gather({ code = 'internal', requestHash }: EntryBody): Promise<number> {
    this.#gathering ??= this.#start();
    const { hash, codes, entry } = this.#gathering;
    hash.update(requestHash);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    return entry;
  }

  #start(): Gathering {
    const hash = createHash('sha256');
    const codes = new Map<string, number>();
    const { pause, gatherMs = gatherMsDefault } = this.#parts;
    const entry = pause(gatherMs).then(() => {
      this.#gathering = undefined;
      return this.#parts.auditLog.append(this.#summary(hash.digest(), codes));
    });
    return { hash, codes, entry };
  }

  #summary(requestHash: Uint8Array, codes: ReadonlyMap<string, number>): EntryBody {
    const refusals = [...codes.values()].reduce((sum, count) => sum + count, 0);
    return this.#parts.makeBody({
      requestId: newRequestId(),
      operation: 'unknown',
      requestHash,
      actor: anonymousActor,
      phase: 'outcome',
      outcome: 'refused',
      remarks: { refusals, codes: Object.fromEntries(codes) },
    });
  }
}
