/** Rows of entries that are old enough to leave. Both methods may throw `database-unavailable`. */
export interface OldEntries {
  /**
   * Removes the rows of the 256 entries from `first`, all or nothing. Their leaf hashes stay, and the last numbers of the
   * actors and objects that they are about, so neither a proof nor a number is lost. `objects` names what each entry is about.
   * Answers whether they were the oldest and not the last that there are; nothing is changed otherwise. It does not ask whether
   * they are archived: that is for the caller to be sure of.
   */
  drop(first: number, objects: readonly DroppedObject[]): Promise<boolean>;
}

export interface DroppedObject {
  /** As `objectName` gives it. */
  readonly object: string;
  readonly index: number;
}
