import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { StrongroomClient } from '@strongroom/client';
import type { AuditExportReply, AuditFilter } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Command, Option } from 'commander';
import { type ExportFormat, exportFormats, exportLines } from '../export/export-lines.ts';
import { type CommandContext, withClient } from '../session.ts';
import { type FilterOptions, toFilter, withFilter } from './audit-filter.ts';
import { countCommand, queryCommand } from './audit-query.ts';
import { reportCommand } from './audit-report.ts';
import { sinkCommand } from './audit-sink.ts';
import { tailCommand } from './audit-tail.ts';
import { verifyArchiveCommand, verifyCommand, verifyFile } from './audit-verify.ts';

const exportPageMax = 200;

export function auditCommand(context: CommandContext): Command {
  const command = new Command('audit').description('the log: search, export, verify offline');

  command.addCommand(queryCommand(context));
  command.addCommand(countCommand(context));
  command.addCommand(tailCommand(context));
  command.addCommand(reportCommand(context));

  withFilter(command.command('export'))
    .description('export entries with proofs that need no network to verify')
    .requiredOption('--out <file>', 'new file')
    .addOption(
      new Option('--format <format>', 'bundle: with proofs; ocsf: NDJSON for a SIEM; csv: for a spreadsheet')
        .choices(exportFormats)
        .default('bundle'),
    )
    .option(
      '--prove',
      'by one actor, key or secret: have the log state its last number, and verify that all is there',
    )
    .action((text: string | undefined, options: ExportOptions) =>
      exportFile(context, toFilter(text, options), options),
    );

  command.addCommand(verifyCommand(context));
  command.addCommand(verifyArchiveCommand(context));
  command.addCommand(sinkCommand(context));
  return command;
}

interface ExportOptions extends FilterOptions {
  readonly out: string;
  readonly format: ExportFormat;
  readonly prove?: true;
}

async function exportFile(
  context: CommandContext,
  asked: AuditFilter,
  { out: path, format, prove }: ExportOptions,
): Promise<void> {
  await withClient(context, async (client, profile) => {
    const filter = prove === undefined ? asked : await callRoll(client, asked, format);
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
    for await (const line of exportLines(format, pages(), { filter, identity: await client.identity() })) {
      if (!file.write(line)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'finish');
    context.terminal.object({ [format]: path, entries, identityFingerprint: profile.identityFingerprint });
    if (prove !== undefined) await verifyFile(context, path, profile);
  });
}

/** The filter that a provably whole export is asked for with. */
async function callRoll(
  client: StrongroomClient,
  filter: AuditFilter,
  format: ExportFormat,
): Promise<AuditFilter> {
  const [[kind, name] = [], ...more] = Object.entries(filter);
  const isSubject = (kind === 'actor' || kind === 'key' || kind === 'secret') && typeof name === 'string';
  if (format !== 'bundle' || !isSubject || more.length > 0 || name.endsWith('*')) {
    const detail = '--prove needs a bundle of one actor, one key or one secret, and no other condition';
    throw new StrongroomError('request-invalid', { detail });
  }
  const answer = await client.call('audit.roll-call', { subject: { kind, name } });
  if (answer.status !== 'done') throw new StrongroomError('internal');
  return answer.result.filter;
}
