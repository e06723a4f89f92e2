import type { Bus } from '@strongroom/bus';
import { canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Executor } from '../../ports/executor.ts';

/** Generous, since an HSM may take seconds to make a key; the worker is idempotent if it is not enough. */
const deadlineMs = 15_000;

export function makeExecutor(bus: Bus, pool: string): Executor {
  return {
    async execute(proposal, certificate) {
      const request = canonicalBytes({
        proposal,
        certificate: { ...certificate, votes: [...certificate.votes] },
      });
      const reply: unknown = parseCanonical(
        await bus.request(subjects.execute(pool), request, { deadlineMs }),
      );
      if (!checkers.executeReply.check(reply)) throw new StrongroomError('reply-invalid');
      return reply;
    },
  };
}
