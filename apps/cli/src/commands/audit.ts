import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import type { AuditExportReply, AuditFilter, EntryOutcome } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Command } from 'commander';
import { type CommandContext, run, withClient } from '../session.ts';
import { splitLines } from '../verify/split-lines.ts';
import { verifyBundle } from '../verify/verify-bundle.ts';
import { bundleLines } from '../verify/write-bundle.ts';
import { integer } from './options.ts';

type FilterOptions = Record<
  'from' | 'to' | 'actor' | 'key' | 'secret' | 'operation' | 'requestId',
  string | undefined
> & {
  outcome?: EntryOutcome;
};

const exportPageMax = 200;

function withFilter(command: Command): Command {
  return command
    .option('--from <time>', 'RFC 3339, inclusive')
    .option('--to <time>', 'RFC 3339, exclusive')
    .option('--actor <principal>')
    .option('--key <group/name>')
    .option('--secret <group/name>')
    .option('--operation <name>', 'such as secret.read')
    .option('--outcome <outcome>', 'done, refused, pending, unknown')
    .option('--request-id <id>');
}

function toFilter(options: FilterOptions): AuditFilter {
  const { from, to, actor, key, secret, operation, outcome, requestId } = options;
  const given = {
    from: toTimestamp(from),
    to: toTimestamp(to),
    actor,
    key,
    secret,
    operation,
    outcome,
    requestId,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function toTimestamp(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new StrongroomError('request-invalid', { detail: `${text} is not a time` });
  return new Date(time).toISOString();
}

export function auditCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('audit').description('the log: search, export, verify offline');

  withFilter(command.command('query'))
    .description('search the log, newest first')
    .option('--limit <count>', 'rows a page', integer, 50)
    .option('--after <cursor>', 'continue after this page')
    .option('--oldest-first')
    .action((options: FilterOptions & { limit: number; after?: string; oldestFirst?: true }) => {
      const order = options.oldestFirst ? ('oldest-first' as const) : ('newest-first' as const);
      const params = {
        filter: toFilter(options),
        limit: options.limit,
        order,
        ...(options.after === undefined ? {} : { after: options.after }),
      };
      return run(context, 'audit.query', params, (reply) => {
        const rows = reply.entries.map(({ index, entry: { body, placement } }) => ({
          index,
          at: placement.at,
          actor: body.actor.id,
          operation: body.operation,
          phase: body.phase,
          outcome: body.code === undefined ? body.outcome : `${body.outcome}: ${body.code}`,
          objects: body.objects.map((one) => [one.kind, one.group, one.name].filter(Boolean).join('/')),
          requestId: body.requestId,
        }));
        const columns = ['index', 'at', 'actor', 'operation', 'phase', 'outcome', 'objects'];
        terminal.rows(columns, rows, reply.next);
        terminal.note(
          `${reply.complete ? 'complete' : 'INCOMPLETE'} up to entry ${reply.size}; checkpoint signed at ${reply.checkpointSize}`,
        );
      });
    });

  withFilter(command.command('export'))
    .description('export entries with proofs that need no network to verify')
    .requiredOption('--out <file>', 'new bundle file (NDJSON)')
    .action((options: FilterOptions & { out: string }) =>
      exportBundle(context, toFilter(options), options.out),
    );

  command
    .command('verify')
    .description('verify a bundle with the identity fingerprint alone; no network')
    .argument('<bundle>')
    .requiredOption('--identity-fingerprint <fingerprint>', 'SHA256:… of the deployment')
    .action((path: string, options: { identityFingerprint: string }) =>
      verifyFile(context, path, options.identityFingerprint),
    );
  return command;
}

async function exportBundle(context: CommandContext, filter: AuditFilter, path: string): Promise<void> {
  await withClient(context, async (client, profile) => {
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    await once(file, 'open');
    let entries = 0;
    async function* pages(): AsyncGenerator<AuditExportReply> {
      let after: string | undefined;
      let checkpointSize: number | undefined;
      do {
        const answer = await client.call('audit.export', {
          filter,
          limit: exportPageMax,
          ...(after === undefined ? {} : { after }),
          ...(checkpointSize === undefined ? {} : { checkpointSize }),
        });
        if (answer.status !== 'done') throw new StrongroomError('internal');
        entries += answer.result.entries.length;
        checkpointSize = answer.result.checkpointSize;
        after = answer.result.next;
        context.terminal.note(`${entries} entries`);
        yield answer.result;
      } while (after !== undefined);
    }
    for await (const line of bundleLines(pages(), { filter, identity: await client.identity() })) {
      if (!file.write(`${line}\n`)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'finish');
    context.terminal.object({ bundle: path, entries, identityFingerprint: profile.identityFingerprint });
  });
}

async function verifyFile(context: CommandContext, path: string, identityFingerprint: string): Promise<void> {
  const result = await verifyBundle(splitLines(createReadStream(path)), { identityFingerprint });
  context.terminal.object({ ...result });
  if (result.verdict !== 'genuine') {
    throw new StrongroomError('record-tampered', {
      detail:
        result.firstBadIndex === undefined
          ? result.reasons.join('; ')
          : `entry ${result.firstBadIndex}: ${result.reasons.join('; ')}`,
    });
  }
}
