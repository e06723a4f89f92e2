/** How commands are told which entries they are about: a filter in words, options, or both. */
import type { AuditFilter, EntryOutcome } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Command } from 'commander';
import { FilterError } from '../filter/lexer.ts';
import { parseFilter } from '../filter/parse-filter.ts';
import { given } from './options.ts';

export type FilterOptions = Partial<
  Record<
    'from' | 'to' | 'actor' | 'ofKey' | 'secret' | 'operation' | 'requestId' | 'cluster' | 'namespace',
    string
  >
> & { readonly outcome?: EntryOutcome };

export function withFilter(command: Command): Command {
  return command
    .argument('[filter]', 'such as "actor:app:* (action:kms.unwrap OR outcome:refused) since:7d"')
    .option('--from <time>', 'RFC 3339, inclusive')
    .option('--to <time>', 'RFC 3339, exclusive')
    .option('--actor <principal>')
    .option('--of-key <group/name>', 'a key; --key is your key file')
    .option('--secret <group/name>')
    .option('--operation <name>', 'such as secret.read')
    .option('--outcome <outcome>', 'done, refused, pending, unknown')
    .option('--request-id <id>')
    .option('--cluster <name>')
    .option('--namespace <name>');
}

/** Throws `request-invalid` that shows the place in the text. */
export function toFilter(text: string | undefined, options: FilterOptions): AuditFilter {
  const { actor, ofKey: key, secret, operation, outcome, requestId, cluster, namespace } = options;
  const [from, to] = [toTimestamp(options.from), toTimestamp(options.to)];
  const common = given({
    from,
    to,
    actor,
    key,
    secret,
    operation,
    outcome,
    requestId,
    cluster,
    namespace,
  }) as AuditFilter;
  if (text === undefined) return common;
  try {
    return parseFilter(text, { nowMs: Date.now(), common });
  } catch (fault) {
    if (!(fault instanceof FilterError)) throw fault;
    throw new StrongroomError('request-invalid', { detail: fault.pointIn(text) });
  }
}

function toTimestamp(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new StrongroomError('request-invalid', { detail: `${text} is not a time` });
  return new Date(time).toISOString();
}
