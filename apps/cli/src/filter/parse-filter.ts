/**
 * The filter syntax for people, as `docs/audit-queries.md` describes it:
 *
 *   filter    = any { time }                     time = "since:" when | "until:" when, anywhere outside of an OR
 *   any       = all { "OR" all }
 *   all       = condition { [ "AND" ] condition }
 *   condition = field ":" value | "(" any ")"
 *
 * What comes out is the closed filter of the wire: alternatives of conditions that hold together. Brackets are multiplied
 * out, so the number of alternatives is bounded, and so is everything that the log is asked to do for them.
 */
import type { AuditConditions, AuditFilter } from '@strongroom/contracts';
import { conditionOf, timeNames, timestampOf } from './condition.ts';
import { FilterError, readTokens, type Token } from './lexer.ts';

export interface ParseOptions {
  /** What `since:90d` counts back from. */
  readonly nowMs: number;
  /** Conditions that hold besides, such as those of options. */
  readonly common?: AuditFilter;
}

const filterCharactersMax = 4_096;
export const alternativesMax = 16;
const depthMax = 16;

/** Throws `FilterError` with the place of what is wrong. */
export function parseFilter(text: string, { nowMs, common = {} }: ParseOptions): AuditFilter {
  if (text.length > filterCharactersMax) throw new FilterError('a filter has at most 4096 characters', 0);
  const { anyOf: _, from, to, ...conditions } = common;
  const parser = new Parser(readTokens(text), nowMs, { ...(from && { from }), ...(to && { to }) });
  const given = Object.keys(conditions).length > 0 ? conditions : undefined;
  const parsed = parser.parse();
  const alternatives = given === undefined ? parsed : parsed.map((one) => joined(one, given, 0));
  const [only = {}, ...more] = alternatives;
  return { ...parser.times, ...(more.length === 0 ? only : { anyOf: alternatives }) };
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #nowMs: number;
  readonly times: { from?: string; to?: string };
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], nowMs: number, times: { from?: string; to?: string }) {
    this.#tokens = tokens;
    this.#nowMs = nowMs;
    this.times = times;
  }

  parse(): AuditConditions[] {
    if (this.#next.kind === 'end') throw new FilterError('the filter is empty', 0);
    const all = this.#any();
    if (this.#next.kind === 'close') throw new FilterError('this bracket was never opened', this.#next.start);
    return all;
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #any(): AuditConditions[] {
    const { start } = this.#next;
    const timesBefore = Object.keys(this.times).length;
    const members = [this.#all()];
    while (this.#next.kind === 'or') {
      this.#at += 1;
      members.push(this.#all());
    }
    // One alternative alone can not have a time of its own: a question has one span.
    if (members.length > 1 && Object.keys(this.times).length > timesBefore) {
      throw new FilterError(
        'since and until hold for the whole question: write them outside of the OR',
        start,
      );
    }
    const alternatives = members.flat();
    if (alternatives.length > alternativesMax) throw tooMany(start);
    if (members.length > 1 && alternatives.some((one) => Object.keys(one).length === 0)) {
      throw new FilterError('an alternative needs a condition', start);
    }
    return alternatives;
  }

  #all(): AuditConditions[] {
    let all: AuditConditions[] = [{}];
    let isFirst = true;
    for (;;) {
      const token = this.#next;
      if (token.kind === 'and' && !isFirst) this.#at += 1;
      else if (!isFirst && (token.kind === 'or' || token.kind === 'close' || token.kind === 'end'))
        return all;
      const { start } = this.#next;
      const factor = this.#condition();
      if (all.length * factor.length > alternativesMax) throw tooMany(start);
      all = all.flatMap((one) => factor.map((other) => joined(one, other, start)));
      isFirst = false;
    }
  }

  #condition(): AuditConditions[] {
    const token = this.#next;
    if (token.kind === 'open') return this.#bracket(token);
    if (token.kind !== 'term')
      throw new FilterError('a condition such as actor:user:alice is needed here', token.start);
    this.#at += 1;
    const field = token.field ?? '';
    const time = Object.hasOwn(timeNames, field) ? timeNames[field] : undefined;
    if (time === undefined) return [conditionOf(token)];
    if (this.times[time] !== undefined) throw new FilterError(`${token.field} is there twice`, token.start);
    this.times[time] = timestampOf(token, this.#nowMs);
    return [{}];
  }

  #bracket(open: Token): AuditConditions[] {
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth > depthMax) throw new FilterError(`brackets go ${depthMax} deep at most`, open.start);
    const inside = this.#any();
    if (this.#next.kind !== 'close') throw new FilterError('this bracket is never closed', open.start);
    this.#at += 1;
    this.#depth -= 1;
    return inside;
  }
}

/** Both hold. An entry has one actor, so a second one is a mistake and no question. */
function joined(one: AuditConditions, other: AuditConditions, at: number): AuditConditions {
  for (const [name, value] of Object.entries(other)) {
    const before = one[name as keyof AuditConditions];
    if (before !== undefined && before !== value)
      throw new FilterError(`"${before}" and "${value}" can not both hold: write OR between them`, at);
  }
  return { ...one, ...other };
}

const tooMany = (at: number): FilterError =>
  new FilterError(`multiplied out these are more than ${alternativesMax} alternatives`, at);
