import type { Bus } from '@strongroom/bus';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { type Checker, checkers, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Witness } from '../../ports/witness.ts';

const deadlineMs = 5_000;

export function makeWitness(bus: Bus): Witness {
  const ask = async <Reply>(subject: string, request: object, checker: Checker<Reply>): Promise<Reply> => {
    const bytes = await bus.request(subject, canonicalBytes(request as CanonicalValue), { deadlineMs });
    const reply = readReply(bytes);
    if (!checker.check(reply))
      throw new StrongroomError('reply-invalid', { detail: checker.problemOf(reply) });
    return reply;
  };
  return {
    certify: async (request) =>
      (await ask(subjects.witnessCertify, request, checkers.certifyReply)).receiptKey,
    sign: (request) => ask(subjects.witnessCheckpoint, request, checkers.witnessReply),
  };
}

function readReply(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('reply-invalid', { cause: fault });
  }
}
