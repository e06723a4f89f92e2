/**
 * Canonical bytes: RFC 8785 JSON, restricted to objects, arrays, strings, booleans and safe integers. One value has
 * exactly one byte form and each byte form exactly one value, so what is hashed, MACed and signed is never in doubt.
 */

export type CanonicalValue =
  | string
  | number
  | boolean
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue | undefined };

/** Bytes or a value that have no canonical form. `reason` names the rule, never the content. */
export class CanonicalError extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`not canonical: ${reason}`);
    this.name = 'CanonicalError';
    this.reason = reason;
  }
}

export interface ParseLimits {
  /** Nesting of objects and arrays; default 32. */
  readonly depthMax?: number;
  /** Length of the input; default 1 MiB. */
  readonly bytesMax?: number;
}

const depthMaxDefault = 32;
const bytesMaxDefault = 1_048_576;

const encoder = new TextEncoder();
// `fatal` refuses overlong forms, surrogates and truncation; `ignoreBOM` keeps a byte order mark, which no JSON starts with.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws `CanonicalError` for what is outside of the subset. Members that are `undefined` are left out. */
export function canonicalText(value: CanonicalValue): string {
  return encode(value, 0, depthMaxDefault);
}

export function canonicalBytes(value: CanonicalValue): Uint8Array {
  return encoder.encode(canonicalText(value));
}

/**
 * Accepts exactly the bytes that `canonicalBytes` makes: what was parsed is encoded again and compared. That refuses
 * duplicate and unsorted names, white space, other number forms and escapes, without a rule for each.
 */
export function parseCanonical(bytes: Uint8Array, limits: ParseLimits = {}): CanonicalValue {
  const text = decodeText(bytes, limits);
  const value = parseText(text);
  const again = encode(value as CanonicalValue, 0, limits.depthMax ?? depthMaxDefault);
  if (again !== text) throw new CanonicalError('another byte form of the same value');
  return value as CanonicalValue;
}

/**
 * Any JSON in UTF-8. Only for what is hashed or signed in a canonical form that is made from the parsed value, so that the
 * form in which it came does not matter.
 */
export function parseJson(bytes: Uint8Array, limits: Pick<ParseLimits, 'bytesMax'> = {}): unknown {
  return parseText(decodeText(bytes, limits));
}

function decodeText(
  bytes: Uint8Array,
  { bytesMax = bytesMaxDefault }: Pick<ParseLimits, 'bytesMax'>,
): string {
  if (bytes.length > bytesMax) throw new CanonicalError('too large');
  try {
    return decoder.decode(bytes);
  } catch {
    throw notJson();
  }
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

const notJson = (): CanonicalError => new CanonicalError('not JSON in UTF-8');

function encode(value: unknown, depth: number, depthMax: number): string {
  switch (typeof value) {
    case 'string':
      return encodeString(value);
    case 'number':
      return encodeInteger(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) throw new CanonicalError('null');
      if (depth >= depthMax) throw new CanonicalError('nested too deep');
      return Array.isArray(value)
        ? encodeArray(value, depth + 1, depthMax)
        : encodeObject(value, depth + 1, depthMax);
    default:
      throw new CanonicalError(typeof value);
  }
}

/** What needs no escape and holds no surrogate; most strings of a message. Twice as fast as asking `JSON.stringify`. */
const plainText = /^[ !#-[\]-~]*$/;

/** `JSON.stringify` escapes as RFC 8785 section 3.2.2.2 asks, except that it also takes lone surrogates. */
function encodeString(text: string): string {
  if (plainText.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new CanonicalError('lone surrogate');
  return JSON.stringify(text);
}

function encodeInteger(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new CanonicalError('not a safe integer');
  return String(value);
}

function encodeArray(items: readonly unknown[], depth: number, depthMax: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ',';
    text += encode(items[index], depth, depthMax);
  }
  return `${text}]`;
}

function encodeObject(object: object, depth: number, depthMax: number): string {
  const prototype = Object.getPrototypeOf(object);
  // A Buffer, a Date or a Map has no canonical form; encoding its enumerable members would be a silent lie.
  if (prototype !== Object.prototype && prototype !== null) throw new CanonicalError('not a plain object');
  let text = '{';
  for (const name of sortedNames(object)) {
    // `JSON.parse` makes an own member of it, but the next assignment or merge on the way would set the prototype.
    if (name === '__proto__') throw new CanonicalError('a member named __proto__');
    const member = (object as Record<string, unknown>)[name];
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${encodeString(name)}:${encode(member, depth, depthMax)}`;
  }
  return `${text}}`;
}

const insertionSortNamesMax = 16;

/**
 * By UTF-16 code units, the order of RFC 8785 section 3.2.3, which is what `<` and the default sort compare. Messages
 * have few members and parsed ones are in order already: there insertion is a third of the cost of `sort`.
 */
function sortedNames(object: object): readonly string[] {
  const names = Object.keys(object);
  if (names.length > insertionSortNamesMax) return names.sort();
  for (let index = 1; index < names.length; index += 1) {
    const name = names[index] as string;
    let place = index;
    for (; place > 0 && (names[place - 1] as string) > name; place -= 1) {
      names[place] = names[place - 1] as string;
    }
    names[place] = name;
  }
  return names;
}
