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

/** Given once for each label. */
export const labelOption = () =>
  new Option('--label <name=value>', 'labels; they replace those that were').argParser(
    (text: string, known: Readonly<Record<string, string>> = {}) => {
      const [name = '', ...rest] = text.split('=');
      if (rest.length === 0) throw new InvalidArgumentError('name=value is needed');
      return { ...known, [name]: rest.join('=') };
    },
  );

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
