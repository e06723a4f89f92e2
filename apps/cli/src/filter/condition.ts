/** One condition of a filter: which fields there are, what their values look like, how they travel. */
import { AuditConditions, type EntryOutcome, makeChecker } from '@strongroom/contracts';
import { FilterError, type Token } from './lexer.ts';

export type ConditionName = keyof AuditConditions;

/** What people write, and what it is called on the wire. */
const conditionNames: Readonly<Record<string, ConditionName>> = {
  actor: 'actor',
  action: 'operation',
  operation: 'operation',
  key: 'key',
  secret: 'secret',
  outcome: 'outcome',
  request: 'requestId',
  cluster: 'cluster',
  namespace: 'namespace',
};

/** A condition on the whole question. */
export const timeNames: Readonly<Record<string, 'from' | 'to'>> = { since: 'from', until: 'to' };

const { check } = makeChecker(AuditConditions);
const wanted: Readonly<Record<ConditionName, string>> = {
  actor: 'a principal such as user:alice, or app:*',
  operation: 'an operation such as secret.read, or secret.*',
  key: '<group>/<name>',
  secret: '<group>/<name>',
  outcome: 'one of intended, done, refused, pending, unknown',
  requestId: 'a request id (UUID version 7, lower case)',
  cluster: 'the name of a cluster',
  namespace: 'the name of a namespace',
};

export function conditionOf({ field = '', value = '', start, end }: Token): AuditConditions {
  const name = Object.hasOwn(conditionNames, field) ? conditionNames[field] : undefined;
  if (name === undefined) {
    const known = [...Object.keys(conditionNames), ...Object.keys(timeNames)].join(', ');
    throw new FilterError(`"${field}" is no field; there are ${known}`, start);
  }
  const condition: AuditConditions = { [name]: value as EntryOutcome };
  const isWhole = (name === 'key' || name === 'secret') && !value.includes('/');
  const stars = value.split('*').length - 1;
  const isPattern = stars > 1 || (stars === 1 && !(name === 'actor' || name === 'operation'));
  const isInside = stars === 1 && !value.endsWith('*');
  if (isPattern || isInside) {
    throw new FilterError('* stands at the end of an actor or an action, and nowhere else', end - 1);
  }
  if (isWhole || !check(condition)) throw new FilterError(`${field}: needs ${wanted[name]}`, start);
  return condition;
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A date, or so long ago: `90d`, `12h`, `30m`. */
export function timestampOf({ field, value = '', start }: Token, nowMs: number): string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(value) ?? [];
  const isDate = /^\d{4}-\d{2}-\d{2}(T\S+)?$/.test(value);
  const ms =
    unit !== undefined
      ? nowMs - Number(count) * unitMs[unit as keyof typeof unitMs]
      : isDate
        ? Date.parse(value)
        : Number.NaN;
  if (Number.isNaN(ms) || ms < 0)
    throw new FilterError(`${field}: needs a date, or 90d, 12h, 30m ago`, start);
  return new Date(ms).toISOString();
}
