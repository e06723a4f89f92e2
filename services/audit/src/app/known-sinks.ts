/**
 * The sinks that people agreed to, as the HSM vouches for them. Nothing of it is kept in the database of the log: whoever
 * owns that can not lead the log elsewhere. A list is good for as long as it says; without a worker to renew it nothing
 * is streamed after that, because a sink may have been removed meanwhile.
 */
import { randomBytes } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import type { SinkDefinition, SinksStatement } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { verifyStatement } from '@strongroom/sealed';
import type { Clock } from '../ports/clock.ts';
import type { SinkDirectory } from '../ports/sink-directory.ts';
import type { CheckpointTrust } from './open-checkpoint.ts';

export interface KnownSinksParts {
  readonly directory: SinkDirectory;
  readonly trust: CheckpointTrust;
  readonly clock: Pick<Clock, 'now'>;
}

export class KnownSinks {
  readonly #parts: KnownSinksParts;
  #statement: SinksStatement | undefined;

  constructor(parts: KnownSinksParts) {
    this.#parts = parts;
  }

  /** Throws `identity-mismatch` for a list that is not ours, not of now or not signed, and what the directory throws. */
  async refresh(): Promise<void> {
    const { directory, trust, clock } = this.#parts;
    const nonce = encodeBytes(randomBytes(32));
    const reply = await directory.ask({ nonce });
    const { statement } = reply;
    if (
      statement.nonce !== nonce ||
      statement.origin !== trust.origin ||
      !verifyStatement(trust.identity, reply)
    )
      throw new StrongroomError('identity-mismatch', { detail: 'the statement about the sinks' });
    if (!isInForce(statement, clock.now()))
      throw new StrongroomError('identity-mismatch', { detail: 'the time of the statement about the sinks' });
    this.#statement = statement;
  }

  /** For how long rows stay; for ever where nobody has said so, or nobody says so now. */
  get retentionDays(): number | undefined {
    return this.#inForce?.retentionDays;
  }

  /** None while no list is in force. */
  get definitions(): readonly SinkDefinition[] {
    return this.#inForce?.sinks ?? [];
  }

  get #inForce(): SinksStatement | undefined {
    const statement = this.#statement;
    return statement !== undefined && isInForce(statement, this.#parts.clock.now()) ? statement : undefined;
  }
}

/** RFC 3339 of one form, so texts order as times do. */
function isInForce({ notBefore, notAfter }: SinksStatement, now: string): boolean {
  return notBefore <= now && now < notAfter;
}
