/** Issuers that publish whatever the test says, and count how often they are asked. */
import type { ClusterKey } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { IssuerKeys } from '../src/ports/issuer-keys.ts';

export class MemoryIssuers implements IssuerKeys {
  /** By issuer; those that are missing do not answer. */
  readonly published = new Map<string, readonly ClusterKey[]>();
  asked = 0;
  /** What an answer waits for. */
  delay: Promise<void> = Promise.resolve();

  async fetch(issuer: string): Promise<readonly ClusterKey[]> {
    this.asked += 1;
    await this.delay;
    const keys = this.published.get(issuer);
    if (keys === undefined) throw new StrongroomError('issuer-unavailable');
    return structuredClone(keys);
  }
}
