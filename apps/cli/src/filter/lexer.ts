/** The words of a filter, each with its place, so that what is wrong can be pointed at. */

export interface Token {
  readonly kind: 'term' | 'and' | 'or' | 'open' | 'close' | 'end';
  /** Offset of its first character, and behind its last. */
  readonly start: number;
  readonly end: number;
  /** Of a term: what stands before and after its colon. */
  readonly field?: string;
  readonly value?: string;
}

export class FilterError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }

  /** In one line, with the filter and a mark before the place. */
  pointIn(text: string): string {
    return `${this.message}; character ${this.at + 1}: ${text.slice(0, this.at)} --> ${text.slice(this.at)}`;
  }
}

const space = /[ \t\r\n]+/y;
const fieldName = /([a-z-]{1,20}):/y;
const bareValue = /[^\s()"]+/y;
const quotedValue = /"((?:[^"\\]|\\["\\])*)"/y;
const word = /[^\s()":]+/y;

export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  for (take(space); at < text.length; take(space)) {
    const start = at;
    const parenthesis = text[at] === '(' ? 'open' : text[at] === ')' ? 'close' : undefined;
    const field = parenthesis === undefined ? take(fieldName)?.[1] : undefined;
    if (parenthesis !== undefined) {
      at += 1;
      tokens.push({ kind: parenthesis, start, end: at });
    } else if (field !== undefined) {
      const value = take(quotedValue)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? take(bareValue)?.[0];
      if (value === undefined || value === '') throw new FilterError(`${field}: needs a value`, at);
      tokens.push({ kind: 'term', start, end: at, field, value });
    } else {
      const name = take(word)?.[0];
      if (name === undefined) throw new FilterError('a condition such as actor:user:alice is needed', start);
      const kind = name === 'AND' ? 'and' : name === 'OR' ? 'or' : undefined;
      if (name === 'NOT') throw new FilterError('there is no NOT: say what is wanted instead', start);
      if (kind === undefined) throw new FilterError(`"${name}" is no condition: write field:value`, start);
      tokens.push({ kind, start, end: at });
    }
  }
  return [...tokens, { kind: 'end', start: text.length, end: text.length }];
}
