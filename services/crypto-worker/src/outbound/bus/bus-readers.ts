/**
 * Asks the other processes, each by its name, over the bus. The bus can keep an answer back, and then the asker waits as if it
 * had not asked; it can not make one, because an answer counts only with the MAC of the process that was asked.
 */
import type { Bus } from '@strongroom/bus';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, isRequestId, type RegistryLookRequest, subjects } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import type { Readers, Roster } from '../../ports/readers.ts';

/** Longer than this it is not worth waiting: the look of every process at its own time has come by then. */
const deadlineMsDefault = 100;
/** More are not asked: the list comes from the database, and anybody could be on it. */
const readersMax = 64;

export interface BusReadersParts {
  readonly bus: Pick<Bus, 'request'>;
  readonly roster: Roster;
  readonly deadlineMs?: number;
}

export function makeBusReaders({ bus, roster, deadlineMs = deadlineMsDefault }: BusReadersParts): Readers {
  const knows = async (reader: string, request: RegistryLookRequest): Promise<boolean> => {
    const bytes = canonicalBytes(request as CanonicalValue);
    const answer = parseCanonical(await bus.request(subjects.registryLook(reader), bytes, { deadlineMs }));
    if (!checkers.registryLookReply.check(answer)) return false;
    return answer.reader === reader && answer.sequence >= request.sequence && roster.isGenuine(answer);
  };
  return {
    know: async (sequence) => {
      try {
        const others = await roster.others();
        if (others.length > readersMax || !others.every(isRequestId)) return false;
        const known = await Promise.all(others.map((reader) => knows(reader, { sequence })));
        return known.every((each) => each);
      } catch (fault) {
        if (isStrongroomError(fault) || fault instanceof CanonicalError) return false;
        throw fault;
      }
    },
  };
}
