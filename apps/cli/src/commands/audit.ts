import type { AuditFilter } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Command, Option } from 'commander';
import { exportFile, resumeExport } from '../export/export-file.ts';
import { type ExportFormat, exportFormats } from '../export/export-lines.ts';
import { type CommandContext, withClient } from '../session.ts';
import { asking } from './asking.ts';
import { type FilterOptions, toFilter, withFilter } from './audit-filter.ts';
import { countCommand, queryCommand } from './audit-query.ts';
import { reportCommand } from './audit-report.ts';
import { retentionCommand } from './audit-retention.ts';
import { callRoll } from './audit-roll-call.ts';
import { sinkCommand } from './audit-sink.ts';
import { tailCommand } from './audit-tail.ts';
import { verifyArchiveCommand, verifyCommand, verifyFile } from './audit-verify.ts';
import { verifyItemCommand } from './audit-verify-item.ts';

export function auditCommand(context: CommandContext): Command {
  const command = new Command('audit').description('the log: search, export, verify offline');

  command.addCommand(queryCommand(context));
  command.addCommand(countCommand(context));
  command.addCommand(tailCommand(context));
  command.addCommand(reportCommand(context));

  withFilter(command.command('export'))
    .description('export entries with proofs that need no network to verify')
    .requiredOption('--out <file>', 'new file; --resume: the one that was begun')
    .addOption(
      new Option('--format <format>', 'bundle: with proofs; ocsf: NDJSON for a SIEM; csv: for a spreadsheet')
        .choices(exportFormats)
        .default('bundle'),
    )
    .option(
      '--prove',
      'by one actor, key or secret: have the log state its last number, and verify that all is there',
    )
    .option('--resume', 'go on with an export that was interrupted; --out says which')
    .action((text: string | undefined, options: ExportOptions) =>
      exportTo(context, toFilter(text, options), options),
    );

  command.addCommand(verifyCommand(context));
  command.addCommand(verifyArchiveCommand(context));
  command.addCommand(verifyItemCommand(context));
  command.addCommand(sinkCommand(context));
  command.addCommand(retentionCommand(context));
  return command;
}

interface ExportOptions extends FilterOptions {
  readonly out: string;
  readonly format: ExportFormat;
  readonly prove?: true;
  readonly resume?: true;
}

async function exportTo(
  context: CommandContext,
  asked: AuditFilter,
  { out: path, format, prove, resume }: ExportOptions,
): Promise<void> {
  if (resume !== undefined && (prove !== undefined || Object.keys(asked).length > 0)) {
    const detail = '--resume goes on with what was asked for then, and takes no filter and no --prove';
    throw new StrongroomError('request-invalid', { detail });
  }
  await withClient(context, async (client, profile) => {
    const note = (text: string) => context.terminal.note(text);
    const log = { ask: asking(client), identity: await client.identity(), note };
    const { identityFingerprint } = profile;
    const done =
      resume === undefined
        ? await exportFile(log, path, {
            format,
            filter: prove === undefined ? asked : await callRoll(client, onlyBundle(asked, format)),
            prove: prove === true,
          })
        : await resumeExport(log, path, identityFingerprint);
    const shown = { [done.format]: path, entries: done.entries, identityFingerprint };
    // One object for scripts, whatever it holds.
    if (done.prove) await verifyFile(context, path, { identityFingerprint }, shown);
    else context.terminal.object(shown);
  });
}

function onlyBundle(filter: AuditFilter, format: ExportFormat): AuditFilter {
  if (format === 'bundle') return filter;
  throw new StrongroomError('request-invalid', { detail: '--prove needs a bundle' });
}
