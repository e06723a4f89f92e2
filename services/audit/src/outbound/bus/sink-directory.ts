import type { Bus } from '@strongroom/bus';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { SinkDirectory } from '../../ports/sink-directory.ts';

const deadlineMs = 5_000;

export function makeSinkDirectory(bus: Pick<Bus, 'request'>): SinkDirectory {
  return {
    async ask(request) {
      const asked = canonicalBytes(request as unknown as CanonicalValue);
      const reply = read(await bus.request(subjects.witnessSinks, asked, { deadlineMs }));
      if (checkers.sinksReply.check(reply)) return reply;
      throw new StrongroomError('reply-invalid', { detail: checkers.sinksReply.problemOf(reply) });
    },
  };
}

function read(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StrongroomError('reply-invalid', { cause: fault });
  }
}
