/**
 * The processes that answer from the same registry as this one. What one of them commits must hold at the next message to
 * any of them, so whoever committed asks whether the others know.
 */
import type { RegistryLookReply } from '@strongroom/contracts';

export interface Roster {
  /**
   * Names of the other processes that may answer, as of now. Asked after a commit it leaves nobody out who could answer
   * without knowing that commit: who enters later reads the registry later. May throw `database-unavailable`.
   */
  others(): Promise<readonly string[]>;
  /** Whether a process that can have the key of the registry has said this. */
  isGenuine(reply: RegistryLookReply): boolean;
}

export interface Readers {
  /** Whether every other process has shown that it knows the registry up to `sequence`. Never throws; false within a moment. */
  know(sequence: number): Promise<boolean>;
}
