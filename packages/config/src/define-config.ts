/**
 * Configuration of one process: a table of settings, read from the environment that `main` hands in. Every problem is
 * told at once, with the name of the variable and what it should be, never with its value. Secrets come only through
 * files, because an environment is inherited, dumped and listed.
 */

import { StrongroomError } from '@strongroom/errors';

export interface Setting<Value> {
  /** Shown in the reference and in messages. */
  readonly summary: string;
  readonly form: string;
  readonly fallback: Value | undefined;
  readonly isRequired: boolean;
  /** The variable names a file: it ends in `_FILE`. */
  readonly isFile: boolean;
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
  for (const [name, variable, { isFile }] of settings) {
    if (isFile && !variable.endsWith('_FILE'))
      throw new TypeError(`${name} is read from a file: end it in File`);
  }
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
