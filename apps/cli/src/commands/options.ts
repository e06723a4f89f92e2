import type { KeyUsage } from '@strongroom/contracts';
import { InvalidArgumentError, Option } from 'commander';

export const group = () => new Option('-g, --group <name>', 'group of the object').default('default');

export const page = {
  limit: () => new Option('--limit <count>', 'rows a page').default(100).argParser(integer),
  after: () => new Option('--after <cursor>', 'continue after this page'),
};

export function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || !/^\d+$/.test(text))
    throw new InvalidArgumentError('a whole number is needed');
  return value;
}

/** For answers that matter more than that it was done. */
export const requestIdOption = () =>
  new Option('--request-id <id>', 'of the proposal: shows the answer of what was approved');

/** Given once for each label. */
export const labelOption = () =>
  new Option('--label <name=value>', 'labels; they replace those that were').argParser(pairs);

/** Read as it travels: the schema of the operation judges it. */
export const usageOption = () =>
  new Option(
    '--usage <json>',
    'usage policy, such as {"operations":["encrypt"],"ratePerMinute":600}',
  ).argParser((text: string) => {
    try {
      return JSON.parse(text) as KeyUsage;
    } catch {
      throw new InvalidArgumentError('a JSON object is needed');
    }
  });

export interface SettingOptions {
  readonly label?: Readonly<Record<string, string>>;
  readonly usage?: KeyUsage;
  readonly rotationDays?: number;
}

/** What create and update of a key have in common. */
export function settingsOf({ label, usage, rotationDays }: SettingOptions) {
  return {
    ...(label === undefined ? {} : { labels: { ...label } }),
    ...(usage === undefined ? {} : { usage }),
    ...(rotationDays === undefined ? {} : { rotationDays }),
  };
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time as it goes on the wire: a date, or so long from now (`90d`, `12h`, `30m`). */
export function time(text: string): string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ms =
    unit === undefined ? Date.parse(text) : Date.now() + Number(count) * unitMs[unit as keyof typeof unitMs];
  if (Number.isNaN(ms)) throw new InvalidArgumentError('a date or a time from now (90d, 12h, 30m) is needed');
  return new Date(ms).toISOString();
}

/** For options that may be given several times. */
export function integers(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, integer(text)];
}

/** `name=value`, several times. */
export function pairs(text: string, before: Readonly<Record<string, string>> = {}) {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('name=value is needed');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** What was given, without what was not: the wire has no empty fields. */
export function given<Options extends object>(options: Options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Options]: Exclude<Options[Name], undefined>;
  };
}
