/** An approvals service that waits for a test: it keeps proposals and votes, and says whatever the test makes it say. */
import {
  type CanonicalValue,
  canonicalBytes,
  decodeBytes,
  digest,
  encodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import {
  type Certificate,
  digestDomain,
  type Proposal,
  type ProposeRequest,
  type Vote,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Approvals } from '../src/ports/approvals.ts';

interface Kept {
  request: ProposeRequest;
  votes: Vote[];
  state: Proposal['state'];
}

export class MemoryApprovals implements Approvals {
  readonly kept = new Map<string, Kept>();
  /** While set, nothing is answered; `reply-lost` proposals are kept all the same. */
  outage: 'not-applied' | 'reply-lost' | undefined;

  propose: Approvals['propose'] = async (request) => {
    if (this.outage === 'not-applied') throw new StrongroomError('approvals-unavailable');
    if (!this.kept.has(request.id)) this.kept.set(request.id, { request, votes: [], state: 'pending' });
    if (this.outage !== undefined) throw new StrongroomError('approvals-unavailable');
    return this.#present(request.id);
  };

  vote: Approvals['vote'] = async ({ proposal, vote }) => {
    this.#find(proposal).votes.push(vote);
    return this.#present(proposal);
  };

  show: Approvals['show'] = async (proposal) => {
    if (this.outage !== undefined) throw new StrongroomError('approvals-unavailable');
    return this.#present(proposal);
  };

  list: Approvals['list'] = async ({ limit }) => ({
    proposals: [...this.kept.keys()].slice(0, limit).map((id) => this.#present(id)),
  });

  /** What the service would send to a worker, with the votes that it has. */
  executeRequest(proposal: string, change: Partial<Certificate> = {}): Uint8Array {
    const { request, votes } = this.#find(proposal);
    const { intent, intentMac, operation } = request;
    const certificate = { intent, intentMac, operation, votes, ...change };
    return canonicalBytes({ proposal, certificate } as unknown as CanonicalValue);
  }

  opHash(proposal: string): string {
    return this.#present(proposal).opHash;
  }

  #find(id: string): Kept {
    const kept = this.kept.get(id);
    if (kept === undefined) throw new StrongroomError('absent');
    return kept;
  }

  #present(id: string): Proposal {
    const { request, votes, state } = this.#find(id);
    const intent = parseCanonical(decodeBytes(request.intent));
    const missing = request.quorums.map(({ approvers, threshold }) => {
      const counts = ({ verdict, approver }: Vote) => verdict === 'approve' && approvers.includes(approver);
      return threshold - votes.filter(counts).length;
    });
    return {
      id,
      state,
      intent: request.intent,
      opHash: encodeBytes(digest(digestDomain.intent, intent)),
      votes: [...votes],
      missing: Math.max(0, ...missing),
      createdAt: '2030-01-01T00:00:00.000Z',
    };
  }
}
