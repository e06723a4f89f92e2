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
