/**
 * AES-GCM with random 96-bit nonces keeps its promise for 2^32 invocations of one key (NIST SP 800-38D section 8.3), so
 * every invocation is counted per key. The count is of this process; the worker adds up those of all and rotates long
 * before. This bound is the last fence: one process alone never goes past it.
 */
import { StrongroomError } from '@strongroom/errors';

const invocationsMax = 2 ** 32;
const keysMax = 10_000;

export interface InvocationCount {
  count: number;
}

export class InvocationCounts {
  readonly #counts = new Map<string, InvocationCount>();

  /** The live count of a key, to be held by who uses the key often. */
  of(keyName: string): InvocationCount {
    const known = this.#counts.get(keyName);
    if (known !== undefined) return known;
    const fresh = { count: 0 };
    this.#counts.set(keyName, fresh);
    if (this.#counts.size > keysMax) this.#forgetOldest();
    return fresh;
  }

  read(keyName: string): number {
    return this.#counts.get(keyName)?.count ?? 0;
  }

  #forgetOldest(): void {
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      return;
    }
  }
}

export function countInvocation(invocations: InvocationCount): void {
  if (invocations.count >= invocationsMax) {
    throw new StrongroomError('key-exhausted', { detail: 'the key version is used up; rotate it' });
  }
  invocations.count += 1;
}
