/**
 * The one session of a client. The first call opens it; calls that come meanwhile wait, because a session message costs a
 * fraction of a sealed one. Before it ends the next call opens its successor while all others go on in the old one.
 */
import type { SessionGrant } from '@strongroom/contracts';
import { ClientSession } from '@strongroom/sealed';
import type { SecretBytes } from '@strongroom/secret';

/** Fraction of its life after which a session is renewed. */
const renewalFraction = 0.8;
/** What the way to a worker and two clocks may differ by; never more than a tenth of the life. */
const marginMs = 1_000;

/** `session`: seal in it. `open`: seal to the key and ask for a session. `wait`: somebody is opening one. */
export type SessionPlan =
  | { readonly kind: 'session'; readonly session: ClientSession }
  | { readonly kind: 'open' }
  | { readonly kind: 'wait'; readonly opened: Promise<void> };

interface Held {
  readonly session: ClientSession;
  readonly renewAtMs: number;
  readonly endsAtMs: number;
}

export class SessionKeeper {
  readonly #nowMs: () => number;
  #held: Held | undefined;
  #opening: Promise<void> | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  plan(): SessionPlan {
    const nowMs = this.#nowMs();
    const held = this.#held !== undefined && nowMs < this.#held.endsAtMs ? this.#held : undefined;
    const isDue = held === undefined || nowMs >= held.renewAtMs;
    if (isDue && this.#opening === undefined) return { kind: 'open' };
    if (held !== undefined) return { kind: 'session', session: held.session };
    return { kind: 'wait', opened: this.#opening ?? Promise.resolve() };
  }

  /** Runs the call that opens a session. While it runs no other call is planned to do the same. */
  async whileOpening<Result>(call: () => Promise<Result>): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#opening = promise;
    try {
      return await call();
    } finally {
      if (this.#opening === promise) this.#opening = undefined;
      resolve();
    }
  }

  /** Takes the secret over. */
  adopt(secret: SecretBytes, grant: SessionGrant): void {
    const session = new ClientSession(secret, grant);
    const nowMs = this.#nowMs();
    const lifeMs = session.expiresAtMs - nowMs;
    this.#held = {
      session,
      renewAtMs: nowMs + lifeMs * renewalFraction,
      endsAtMs: session.expiresAtMs - Math.min(marginMs, lifeMs / 10),
    };
  }

  /** To be told when a worker refused the session. A newer one that came meanwhile stays. */
  discard(session: ClientSession): void {
    if (this.#held?.session === session) this.#held = undefined;
  }
}
