/**
 * Bytes that must not be seen: they cannot print themselves, hand out their content only to a callback, and are zeroed
 * when they are disposed of. The runtime may have copied what it moved; this removes our own copies.
 */
import { inspect } from 'node:util';

const hidden = '[secret]';

export class SecretBytes implements Disposable {
  #bytes: Uint8Array | undefined;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Keeps a copy of its own, outside of the shared buffer pool. */
  static copyOf(bytes: Uint8Array): SecretBytes {
    const copy = Buffer.allocUnsafeSlow(bytes.length);
    copy.set(bytes);
    return new SecretBytes(copy);
  }

  /** Takes the buffer over: the caller must not use it any more. It is zeroed in place, so it must not be a shared view. */
  static adopt(bytes: Uint8Array): SecretBytes {
    return new SecretBytes(bytes);
  }

  /**
   * The bytes belong to the callback until it returns, and no longer: it must not keep them. Throws `TypeError` after
   * disposal, because an empty key must never pass for a key.
   */
  use<T>(use: (bytes: Uint8Array) => T): T {
    if (this.#bytes === undefined) throw new TypeError('the secret is disposed of');
    return use(this.#bytes);
  }

  get isDisposed(): boolean {
    return this.#bytes === undefined;
  }

  dispose(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}
