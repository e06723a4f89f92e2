/**
 * Step 7. What happened becomes a reply and an entry. For an operation that changes something, changes, reply, entry and
 * events become durable together: after a crash there is either all of it or nothing.
 */
import { type DomainEvent, newRequestId } from '@strongroom/contracts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry } from '../../ports/registry.ts';
import type { PublishStep } from '../../ports/steps.ts';
import type { MakeEntryBody } from '../entry-bodies.ts';
import type { Effect } from '../use-case.ts';
import type { ApprovedBy, Deed } from './deed.ts';
import type { Intent, Outcome } from './passage.ts';
import { storedOutcome } from './stored-reply.ts';

export interface OutcomeParts {
  readonly registry: Pick<Registry, 'commit'>;
  readonly makeBody: MakeEntryBody;
  readonly clock: Clock;
  readonly publish: PublishStep;
}

export type Conclude = (
  deed: Deed,
  approval: ApprovedBy | undefined,
  intent: Intent | undefined,
  effect: Omit<Effect, 'result'> & { readonly result: unknown },
) => Promise<Outcome>;

export function makeConclude({ registry, makeBody, clock, publish }: OutcomeParts): Conclude {
  return async ({ repetition, ...deed }, approval, intent, effect) => {
    const { result, objects = deed.objects, version, counts, changes = [] } = effect;
    const reply = { status: 'done', result } as const;
    const facts = { ...deed, result, objects, version, counts, approval };
    const body = makeBody({ ...facts, phase: 'outcome', outcome: 'done' });
    if (intent === undefined) return { reply, body };
    const { actor, requestId } = intent;
    const stored = storedOutcome({ actor, requestId, requestHash: repetition }, { reply, body });
    await registry.commit(changes, stored, domainEvents(effect, requestId, clock.nowMs()));
    publish('committed', requestId, deed.operation);
    return { reply, body, closes: intent };
  };
}

function domainEvents(
  { events = [] }: Pick<Effect, 'events'>,
  requestId: string,
  nowMs: number,
): readonly DomainEvent[] {
  const at = new Date(nowMs).toISOString();
  return events.map((event) => ({ ...event, id: newRequestId(nowMs), requestId, at }));
}
