/** The log without an audit service: it keeps the promises of the port, and fails in the two ways that a log can fail. */
import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import { checkers, type EntryBody, type EntryPhase } from '@strongroom/contracts';
import { type ErrorCode, StrongroomError } from '@strongroom/errors';
import type { AuditLog } from '../src/ports/audit-log.ts';

/** `not-applied`: it takes nothing; `reply-lost`: it takes the entry and nobody hears of it. */
export interface AppendFault {
  readonly phase: EntryPhase;
  readonly kind: 'not-applied' | 'reply-lost';
  readonly code?: ErrorCode;
}

export class MemoryAuditLog implements AuditLog {
  readonly entries: EntryBody[] = [];
  /** Each strikes the next entry of its phase. */
  readonly faults: AppendFault[] = [];
  /** While set, every entry is refused with it. */
  outage: ErrorCode | undefined;
  readonly #taken = new Map<string, { readonly index: number; readonly text: string }>();

  async append(body: EntryBody): Promise<number> {
    if (!checkers.entryBody.check(body))
      throw new TypeError(`not the body of an entry: ${checkers.entryBody.problemOf(body)}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.outage !== undefined) throw new StrongroomError(this.outage);
    const at = this.faults.findIndex(({ phase }) => phase === body.phase);
    const [fault] = at < 0 ? [] : this.faults.splice(at, 1);
    if (fault?.kind === 'not-applied') throw new StrongroomError(fault.code ?? 'audit-unavailable');
    const index = this.#take(body);
    if (fault !== undefined) throw new StrongroomError(fault.code ?? 'audit-unavailable');
    return index;
  }

  #take(body: EntryBody): number {
    const key = `${body.actor.id} ${body.requestId} ${body.phase}`;
    const text = canonicalText(body as unknown as CanonicalValue);
    const taken = this.#taken.get(key);
    if (taken !== undefined) {
      if (taken.text !== text) throw new StrongroomError('request-replayed');
      return taken.index;
    }
    const index = this.entries.push(body) - 1;
    this.#taken.set(key, { index, text });
    return index;
  }

  /** Entries about one request, also those that name it in a remark. */
  about(requestId: string): readonly EntryBody[] {
    const quoted = canonicalText(requestId);
    return this.entries.filter(
      (entry) =>
        entry.requestId === requestId ||
        entry.request['attempts'] === quoted ||
        entry.request['repeats'] === quoted,
    );
  }

  query: AuditLog['query'] = async ({ limit }) => ({
    entries: this.entries.slice(0, limit).map((body, index) => ({
      index,
      entry: { body, placement: { at: body.at, actorSeq: 1, objectSeqs: body.objects.map(() => 1) } },
    })),
    complete: true,
    size: this.entries.length,
    checkpointSize: 0,
    heldFrom: 0,
  });

  count: AuditLog['count'] = async () => ({
    counts: [],
    total: this.entries.length,
    complete: true,
    first: 0,
    size: this.entries.length,
    checkpointSize: 0,
    heldFrom: 0,
  });

  planRetention: AuditLog['planRetention'] = async () => ({
    heldFrom: 0,
    wouldHoldFrom: 0,
    agedSize: 0,
    archivedSize: 0,
    cosignedSize: 0,
    size: this.entries.length,
  });

  export: AuditLog['export'] = async () => {
    throw new StrongroomError('audit-unavailable');
  };
}
