export interface DeliveredFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

export interface FileTree {
  /**
   * All files appear together or none does: a reader sees the old generation or the new one, never a mixture. `false`:
   * they are there already, byte for byte, and nothing was written.
   */
  replace(files: readonly DeliveredFile[]): Promise<boolean>;
}
