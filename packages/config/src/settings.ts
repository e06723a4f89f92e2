/**
 * The kinds of settings. A setting without `fallback` is needed, unless it is `optional`: then its value may be
 * `undefined`. What a problem says names the rule and never the value.
 */
import { SecretString } from '@strongroom/secret';
import type { ReadFile, Setting } from './define-config.ts';

interface Options<Value> {
  /** One phrase, for messages and the sample. */
  readonly summary: string;
  readonly fallback?: Value;
  readonly optional?: true;
}

function setting<Value>(
  options: Options<Value>,
  form: string,
  parse: Setting<Value>['parse'],
): Setting<Value> {
  const isRequired = options.fallback === undefined && options.optional !== true;
  return { summary: options.summary, form, fallback: options.fallback, isRequired, isFile: false, parse };
}

type Optional<Value, Given> = Given extends { readonly optional: true } ? Value | undefined : Value;

/** One line of text, which fits the pattern if there is one. */
export function text<const Given extends Options<string> & { readonly pattern?: RegExp }>(given: Given) {
  const parse = (value: string): string => {
    if (/\p{Cc}/u.test(value)) throw new Error('is not one line of text');
    if (given.pattern !== undefined && !given.pattern.test(value))
      throw new Error(`does not fit ${given.pattern.source}`);
    return value;
  };
  return setting<string>(given, 'text', parse) as Setting<Optional<string, Given>>;
}

export function integer<const Given extends Options<number> & { readonly min: number; readonly max: number }>(
  given: Given,
) {
  const form = `whole number from ${given.min} to ${given.max}`;
  const parse = (value: string): number => {
    const number = Number(value);
    if (!/^-?\d{1,15}$/.test(value) || number < given.min || number > given.max)
      throw new Error(`is not a ${form}`);
    return number;
  };
  return setting<number>(given, form, parse) as Setting<Optional<number, Given>>;
}

export function boolean<const Given extends Options<boolean>>(given: Given) {
  const parse = (value: string): boolean => {
    if (value !== 'true' && value !== 'false') throw new Error('is not true or false');
    return value === 'true';
  };
  return setting<boolean>(given, 'true or false', parse) as Setting<Optional<boolean, Given>>;
}

/** A URL with one of the given schemes, without credentials: those belong into a secret file. */
export function url<const Given extends Options<string> & { readonly schemes: readonly string[] }>(
  given: Given,
) {
  const form = `URL (${given.schemes.join(', ')})`;
  const parse = (value: string): string => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed === undefined || !given.schemes.includes(parsed.protocol.slice(0, -1)))
      throw new Error(`is not a ${form}`);
    if (parsed.username !== '' || parsed.password !== '') throw new Error('must not carry credentials');
    return value;
  };
  return setting<string>(given, form, parse) as Setting<Optional<string, Given>>;
}

/** Path of a file; its content as text. */
export function fileContent<const Given extends Options<string>>(given: Given) {
  const read = setting<string>(given, 'path of a readable file', readContent);
  return { ...read, isFile: true } as Setting<Optional<string, Given>>;
}

/** Path of a file that its user reads by itself, again whenever it needs it; that it can be read is checked at the start. */
export function readablePath<const Given extends Options<string>>(given: Given) {
  const parse = (path: string, readFile: ReadFile): string => {
    readContent(path, readFile);
    return path;
  };
  const read = setting<string>(given, 'path of a readable file', parse);
  return { ...read, isFile: true } as Setting<Optional<string, Given>>;
}

/** Path of a file with one secret; a trailing line end is not part of it. */
export function secretFile<const Given extends Options<SecretString>>(given: Given) {
  const parse = (path: string, readFile: ReadFile): SecretString => {
    const content = readContent(path, readFile).replace(/\r?\n$/, '');
    if (content === '') throw new Error('names an empty file');
    return new SecretString(content);
  };
  const read = setting<SecretString>(given, 'path of a file with the secret', parse);
  return { ...read, isFile: true } as Setting<Optional<SecretString, Given>>;
}

function readContent(path: string, readFile: ReadFile): string {
  try {
    return readFile(path);
  } catch (fault) {
    throw new Error(`names a file that cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}
