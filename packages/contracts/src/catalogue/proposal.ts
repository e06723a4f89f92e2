import type { Static } from 'typebox';
import { closed, RequestId } from '../fields.ts';
import { operation } from '../operation.ts';
import { Proposal, ProposalListReply, ProposalListRequest, Vote } from '../wire/approval.ts';

export const ProposalNamedRequest = closed({ proposal: RequestId });
export type ProposalNamedRequest = Static<typeof ProposalNamedRequest>;
export const ProposalVoteRequest = closed({ proposal: RequestId, vote: Vote });
export type ProposalVoteRequest = Static<typeof ProposalVoteRequest>;

export interface ProposalOperations {
  'proposal.list': { request: ProposalListRequest; reply: ProposalListReply };
  'proposal.show': { request: ProposalNamedRequest; reply: Proposal };
  'proposal.vote': { request: ProposalVoteRequest; reply: Proposal };
}

const manage = {
  class: 'manage',
  actors: 'any',
  guardable: false,
  deadlineMs: 10_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;
const object = { kind: 'proposal', name: 'proposal' } as const;
const plainProposal = {
  id: 'plain',
  state: 'plain',
  intent: 'never',
  opHash: 'plain',
  votes: 'never',
  missing: 'plain',
  createdAt: 'never',
  decidedAt: 'never',
  failure: 'plain',
} as const;

export const proposalOperations = [
  operation({
    ...manage,
    name: 'proposal.list',
    summary: 'Lists proposals, newest first.',
    request: ProposalListRequest,
    reply: ProposalListReply,
    privilege: 'proposal.list',
    object: { kind: 'proposal' },
    mutates: false,
    audit: {
      request: { state: 'plain', limit: 'plain', after: 'never' },
      reply: { proposals: 'never', next: 'never' },
    },
    rest: { method: 'POST', path: '/v1/proposals/list' },
  }),
  operation({
    ...manage,
    name: 'proposal.show',
    summary: 'Shows a proposal with the canonical intent that approvers sign.',
    request: ProposalNamedRequest,
    reply: Proposal,
    privilege: 'proposal.show',
    object,
    mutates: false,
    audit: { request: { proposal: 'plain' }, reply: plainProposal },
    rest: { method: 'GET', path: '/v1/proposals/{proposal}' },
  }),
  operation({
    ...manage,
    name: 'proposal.vote',
    summary: 'Hands in a signed vote.',
    request: ProposalVoteRequest,
    reply: Proposal,
    privilege: 'proposal.vote',
    object,
    mutates: false,
    audit: { request: { proposal: 'plain', vote: 'plain' }, reply: plainProposal },
    rest: { method: 'POST', path: '/v1/proposals/{proposal}/votes' },
  }),
] as const;
