/** What the worker needs of the approvals service: a place where proposals wait. Nothing it says is evidence (I6). */
import type {
  Proposal,
  ProposalListReply,
  ProposalListRequest,
  ProposeRequest,
  VoteRequest,
} from '@strongroom/contracts';

export interface Approvals {
  /** Idempotent by proposal id. All methods throw `approvals-unavailable`; `show` and `vote` throw `absent`. */
  propose(request: ProposeRequest): Promise<Proposal>;
  vote(request: VoteRequest): Promise<Proposal>;
  show(proposal: string): Promise<Proposal>;
  list(request: ProposalListRequest): Promise<ProposalListReply>;
}
