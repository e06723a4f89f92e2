/**
 * Configuration of one process: a table of settings, read from the environment that `main` hands in. Every problem is
 * told at once, with the name of the variable and what it should be, never with its value. Secrets come only through
 * files, because an environment is inherited, dumped and listed.
 */

import { StrongroomError } from '@strongroom/errors';
import { SecretString } from '@strongroom/secret';

export interface Setting<Value> {
  /** Shown in the reference and in messages. */
  readonly summary: string;
  readonly form: string;
  readonly fallback: Value | undefined;
  readonly isRequired: boolean;
  /** Throws `Error` with what is wrong; the message must not hold the value. */
  readonly parse: (text: string, readFile: ReadFile) => Value;
}

/** Reads a whole file as text; throws when it cannot. */
export type ReadFile = (path: string) => string;
export type Environment = Readonly<Record<string, string | undefined>>;

type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Configuration<Table extends Settings> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never;
};

export interface ConfigDefinition<Table extends Settings> {
  /** Throws one `configuration-invalid` whose detail has a line for every problem. */
  parse(environment: Environment, readFile: ReadFile): Configuration<Table>;
  /** A commented environment file with every variable and its default. */
  sample(): string;
  /** Variable name → setting, in the order of the table. */
  readonly variables: ReadonlyMap<string, Setting<unknown>>;
}

/** Variables are `<prefix>_<SETTING_NAME>`, from the camel case of the table. */
export function defineConfig<const Table extends Settings>(
  prefix: string,
  table: Table,
): ConfigDefinition<Table> {
  const names = Object.keys(table);
  const variableOf = (name: string) =>
    `${prefix}_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  const settings = names.map((name) => [name, variableOf(name), table[name] as Setting<unknown>] as const);
  return {
    variables: new Map(settings.map(([, variable, setting]) => [variable, setting])),
    parse(environment, readFile) {
      const problems = unknownVariables(
        environment,
        prefix,
        new Set(settings.map(([, variable]) => variable)),
      );
      const values: Record<string, unknown> = {};
      for (const [name, variable, setting] of settings) {
        try {
          values[name] = parseSetting(setting, environment[variable], readFile);
        } catch (fault) {
          problems.push(`${variable}: ${(fault as Error).message} (${setting.summary})`);
        }
      }
      if (problems.length > 0)
        throw new StrongroomError('configuration-invalid', { detail: problems.join('\n') });
      return Object.freeze(values) as Configuration<Table>;
    },
    sample: () => settings.map(([, variable, setting]) => sampleLine(variable, setting)).join('\n'),
  };
}

function parseSetting(setting: Setting<unknown>, text: string | undefined, readFile: ReadFile): unknown {
  if (text === undefined || text === '') {
    if (setting.isRequired) throw new Error(`is needed: ${setting.form}`);
    return setting.fallback;
  }
  return setting.parse(text, readFile);
}

/** A misspelt setting must not silently leave its default in force. */
function unknownVariables(environment: Environment, prefix: string, known: ReadonlySet<string>): string[] {
  return Object.keys(environment)
    .filter((variable) => variable.startsWith(`${prefix}_`) && !known.has(variable))
    .map((variable) => `${variable}: there is no such setting`);
}

function sampleLine(variable: string, setting: Setting<unknown>): string {
  const value = setting.isRequired ? '' : String(setting.fallback ?? '');
  return `# ${setting.summary}; ${setting.form}${setting.isRequired ? ', needed' : ''}\n${variable}=${value}`;
}

interface Options<Value> {
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
  return { summary: options.summary, form, fallback: options.fallback, isRequired, parse };
}

type Optional<Value, Given> = Given extends { readonly optional: true } ? Value | undefined : Value;

/** One line of text that fits the pattern. */
export function text<const Given extends Options<string> & { readonly pattern?: RegExp }>(given: Given) {
  const parse = (value: string): string => {
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
  return setting<string>(given, 'path of a readable file', readContent) as Setting<Optional<string, Given>>;
}

/** Path of a file with one secret; a trailing line end is not part of it. */
export function secretFile<const Given extends Options<SecretString>>(given: Given) {
  const parse = (path: string, readFile: ReadFile): SecretString => {
    const content = readContent(path, readFile).replace(/\r?\n$/, '');
    if (content === '') throw new Error('names an empty file');
    return new SecretString(content);
  };
  return setting<SecretString>(given, 'path of a file with the secret', parse) as Setting<
    Optional<SecretString, Given>
  >;
}

function readContent(path: string, readFile: ReadFile): string {
  try {
    return readFile(path);
  } catch (fault) {
    throw new Error(`names a file that cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}
