/** Where sealed parts of the log are kept besides the database. It is not trusted: what is read back is hashed again. */
export interface Archive {
  /** Whole and durable when it returns; replaces what is there. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  get(path: string): Promise<Uint8Array | undefined>;
}
