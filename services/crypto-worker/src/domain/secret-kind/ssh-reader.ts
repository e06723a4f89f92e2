/** Values of the SSH wire format (RFC 4251 section 5): `undefined` where the bytes end before they should. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint32(): number | undefined {
    if (this.#bytes.length - this.#at < 4) return undefined;
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  /** A view. */
  string(): Buffer | undefined {
    const length = this.uint32();
    if (length === undefined || length > this.#bytes.length - this.#at) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Of names only. */
  text(): string | undefined {
    const bytes = this.string();
    return bytes === undefined || bytes.length > 64 ? undefined : bytes.toString('latin1');
  }
}
