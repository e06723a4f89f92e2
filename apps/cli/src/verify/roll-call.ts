/**
 * A filter for the entries of one subject and for the roll call about it. The roll call is an entry in which the writer
 * states the last number of the subject, so that not even the newest entries can be left out unseen.
 */
import type { AuditConditions, AuditFilter, Entry } from '@strongroom/contracts';

export interface RollCall {
  /** One condition: an actor, a key or a secret. */
  readonly subject: AuditConditions;
  readonly isAnswer: (entry: Entry) => boolean;
}

/** `undefined` for every other filter. */
export function rollCallOf({ anyOf = [], ...common }: AuditFilter): RollCall | undefined {
  const [subject = {}, call = {}, ...more] = anyOf;
  const [[kind, name] = ['', ''], ...others] = Object.entries(subject);
  const { requestId, ...rest } = call;
  const isPlain = [...Object.keys(common), ...more, ...others, ...Object.keys(rest)].length === 0;
  const isSubject = ['actor', 'key', 'secret'].includes(kind) && !name.endsWith('*');
  if (!isPlain || !isSubject || requestId === undefined) return undefined;
  return {
    subject,
    isAnswer: ({ body, placement }) =>
      body.requestId === requestId &&
      body.operation === 'audit.roll-call' &&
      body.counts?.kind === kind &&
      body.counts.name === name &&
      placement.counted !== undefined,
  };
}
