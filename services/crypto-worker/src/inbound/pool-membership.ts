/**
 * Whether this worker takes its share of the pool's operations: only while its token is there. One that is without it would
 * refuse its share, though others on another token, or with a session that still lives, could serve it. So it leaves the
 * queue group until its token is back. It is still to be had as a last resort, because a refusal that says why is
 * better than nobody.
 */
import type { ResponderHandle } from '@strongroom/bus';

export interface PoolMembershipParts {
  readonly isAble: () => boolean;
  readonly join: () => Promise<readonly ResponderHandle[]>;
  /** What was taken before it left is answered meanwhile; that this failed is told here. */
  readonly onError: (error: unknown) => void;
}

export class PoolMembership {
  readonly #parts: PoolMembershipParts;
  #joined: readonly ResponderHandle[] | undefined;

  constructor(parts: PoolMembershipParts) {
    this.#parts = parts;
  }

  get isMember(): boolean {
    return this.#joined !== undefined;
  }

  /** Joins or leaves where that is due. Not to be called again before it has resolved. */
  async look(): Promise<void> {
    const isAble = this.#parts.isAble();
    if (isAble && this.#joined === undefined) this.#joined = await this.#parts.join();
    else if (!isAble && this.#joined !== undefined) {
      const left = this.#joined;
      this.#joined = undefined;
      // Whoever waits for the last answers must not keep the worker from joining again.
      for (const handle of left) handle.drain().catch(this.#parts.onError);
    }
  }
}
