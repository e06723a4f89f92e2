/** What crypto workers ask of this service. Bad bytes get a coded refusal and no effect. */
import type { Bus, ResponderHandle } from '@strongroom/bus';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { type Checker, checkers, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Component } from '@strongroom/lifecycle';
import type { makePropose } from '../app/propose.ts';
import type { makeRecordVote } from '../app/record-vote.ts';
import type { makeListProposals, makeShowProposal } from '../app/show-proposals.ts';

export interface InboundBusParts {
  readonly propose: ReturnType<typeof makePropose>;
  readonly recordVote: ReturnType<typeof makeRecordVote>;
  readonly showProposal: ReturnType<typeof makeShowProposal>;
  readonly listProposals: ReturnType<typeof makeListProposals>;
  /** A decided proposal should not wait for the next round of the scheduler. */
  readonly wake: () => void;
}

const queue = 'approvals';
const inFlightMax = 256;

/** Intake as a part of the service: it ends first, while bus and database still serve what was taken. */
export function makeRequests(bus: Bus, parts: InboundBusParts): Component {
  let handles: readonly ResponderHandle[] = [];
  return {
    name: 'requests',
    async start() {
      handles = await serveBus(bus, parts);
    },
    async stop() {
      await Promise.all(handles.map((handle) => handle.drain()));
    },
  };
}

export async function serveBus(bus: Bus, parts: InboundBusParts): Promise<readonly ResponderHandle[]> {
  const serve = <Request>(
    subject: string,
    checker: Checker<Request>,
    handle: (request: Request) => Promise<object>,
  ) =>
    bus.respond(subject, {
      queue,
      inFlightMax,
      handler: async (bytes) => canonicalBytes((await handle(readRequest(bytes, checker))) as CanonicalValue),
    });
  return [
    await serve(subjects.approvalsPropose, checkers.proposeRequest, parts.propose),
    await serve(subjects.approvalsVote, checkers.voteRequest, async (request) => {
      const proposal = await parts.recordVote(request);
      if (proposal.state === 'approved') parts.wake();
      return proposal;
    }),
    await serve(subjects.approvalsShow, checkers.proposalShowRequest, ({ proposal }) =>
      parts.showProposal(proposal),
    ),
    await serve(subjects.approvalsList, checkers.proposalListRequest, parts.listProposals),
  ];
}

function readRequest<Request>(bytes: Uint8Array, checker: Checker<Request>): Request {
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('message-malformed', { cause: fault });
  }
  if (!checker.check(value))
    throw new StrongroomError('request-invalid', { detail: checker.problemOf(value) });
  return value;
}
