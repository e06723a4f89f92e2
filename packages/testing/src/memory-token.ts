/** What `MemoryHsm` keeps, and how its calls fail when a test wants them to. */
import { type ErrorCode, StrongroomError } from '@strongroom/errors';
import type { MemoryKey, MemoryKeySpec, MemoryKeyType } from './memory-key.ts';

/**
 * How a call fails: `not-applied` before it did anything; `reply-lost` after it did everything, which a call that
 * changes the token reports as `outcome-unknown`.
 */
export type MemoryHsmFault = 'not-applied' | 'reply-lost';

export class MemoryToken {
  readonly keys = new Map<string, MemoryKey>();
  readonly data = new Map<string, Uint8Array>();
  readonly #faults = new Map<string, MemoryHsmFault[]>();
  isAvailable = true;

  failNext(method: string, fault: MemoryHsmFault): void {
    this.#faults.set(method, [...(this.#faults.get(method) ?? []), fault]);
  }

  add(label: string, key: MemoryKey): void {
    if (this.keys.has(label)) throw refusal('already-exists');
    this.keys.set(label, key);
  }

  find(label: string): MemoryKey {
    const key = this.keys.get(label);
    if (key === undefined) throw refusal('absent');
    return key;
  }

  secret(label: string, family: 'aes' | 'hmac', uses?: readonly MemoryKeySpec['use'][]): Uint8Array {
    const key = this.find(label);
    const isAllowed = key.spec.type.startsWith(family) && (uses?.includes(key.spec.use) ?? true);
    if (!isAllowed || !('secret' in key)) throw refusal('key-purpose-refused');
    return key.secret;
  }

  privateKey(label: string, types: readonly MemoryKeyType[], uses: readonly MemoryKeySpec['use'][]) {
    const key = this.find(label);
    const isAllowed = types.includes(key.spec.type) && uses.includes(key.spec.use);
    if (!isAllowed || !('privateKey' in key)) throw refusal('key-purpose-refused');
    return key.privateKey;
  }

  read<T>(method: string, effect: () => T): T {
    return this.#call(method, effect, 'hsm-unavailable');
  }

  change<T>(method: string, effect: () => T): T {
    return this.#call(method, effect, 'outcome-unknown');
  }

  #call<T>(method: string, effect: () => T, whenReplyLost: ErrorCode): T {
    const fault = this.#faults.get(method)?.shift();
    if (!this.isAvailable || fault === 'not-applied') throw refusal('hsm-unavailable');
    const result = effect();
    if (fault === 'reply-lost') throw refusal(whenReplyLost);
    return result;
  }
}

export const refusal = (code: ErrorCode): StrongroomError => new StrongroomError(code);
