import type { Archive } from '../src/ports/archive.ts';

export class MemoryArchive implements Archive {
  readonly files = new Map<string, Uint8Array>();
  /** What a store does that takes and spoils. */
  spoil: (path: string, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes;

  async put(path: string, bytes: Uint8Array): Promise<void> {
    this.files.set(path, this.spoil(path, Uint8Array.from(bytes)));
  }

  async get(path: string): Promise<Uint8Array | undefined> {
    return this.files.get(path);
  }
}
