/** Where proposals are kept. Every method may throw `database-unavailable`. */
import type { EventName, ProposalState } from '@strongroom/contracts';
import type { Proposal } from '../domain/proposal.ts';

export interface StoredProposal {
  readonly proposal: Proposal;
  /** Counts from 1; the compare-and-set of `replace` is on it, so two last votes can not both miss the quorum. */
  readonly revision: number;
}

export interface ProposalStore {
  /** Durable with its event and notification when it returns; the one that is there already for a known id. */
  add(proposal: Proposal): Promise<StoredProposal>;
  find(id: string): Promise<StoredProposal | undefined>;
  /** Newest first; `after` is the last id of the previous page. */
  list(page: {
    readonly state?: ProposalState;
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly StoredProposal[]>;
  /**
   * Durable together with its event and notification, or nothing is. `false`: somebody else changed the proposal;
   * read it again.
   */
  replace(next: Proposal, revision: number, event: EventName): Promise<boolean>;
  /** Ids in states that need something done: approved or executing, or past their time at `now`. */
  findDue(now: string, limit: number): Promise<readonly string[]>;
}
