/** The questions that compliance teams ask, as commands. `docs/compliance.md` says what each is evidence of. */
import type { AuditFilter, IndexedEntry } from '@strongroom/contracts';
import { Command } from 'commander';
import { secretAccess, unusedAccess } from '../report/access.ts';
import { type Ask, everyPage } from '../report/ask.ts';
import { accessChanges, approvals, keyUses } from '../report/filters.ts';
import { overdueKeys } from '../report/keys.ts';
import { type CommandContext, withClient } from '../session.ts';
import { asking } from './asking.ts';
import { toFilter } from './audit-filter.ts';
import { notBefore, rowOf } from './audit-query.ts';
import { integer } from './options.ts';

const dayMs = 86_400_000;
const pageMax = 200;

interface SpanOptions {
  readonly from?: string;
  readonly to?: string;
}

export function reportCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('report').description(
    'what compliance teams ask: access, uses, changes, approvals',
  );
  const report = (name: string, description: string) => command.command(name).description(description);
  const spanned = (name: string, description: string) =>
    report(name, description).option('--from <time>', 'inclusive').option('--to <time>', 'exclusive');

  spanned('secret-access', 'who could read a secret by the bindings of now, and who did')
    .requiredOption('--secret <group/name>')
    .action(({ secret, ...span }: SpanOptions & { secret: string }) =>
      withAsk(context, async (ask) => {
        const { rows, isWhole } = await secretAccess(ask, secret, toFilter(undefined, span));
        terminal.rows(
          ['principal', 'could', 'reads'],
          rows.map(({ principal, couldBy, reads }) => ({ principal, could: [...couldBy], reads })),
        );
        if (!isWhole)
          terminal.note('not all reads were counted: ask for a shorter time, or export from the archive');
      }),
    );
  spanned('key-uses', 'all uses of a key, newest first')
    .requiredOption('--of-key <group/name>', '--key is your key file')
    .action(({ ofKey, ...span }: SpanOptions & { ofKey: string }) => listed(keyUses(ofKey), span));
  spanned(
    'access-changes',
    'all changes of roles, bindings, principals, clusters, sign-on and policies',
  ).action((span: SpanOptions) => listed(accessChanges, span));
  spanned('approvals', 'all votes, and what waited for them').action((span: SpanOptions) =>
    listed(approvals, span),
  );
  report('overdue-keys', 'keys past their date of rotation').action(() =>
    withAsk(context, async (ask) => {
      const keys = await overdueKeys(ask, new Date().toISOString());
      terminal.rows(
        ['key', 'rotateAt', 'rotationDays'],
        keys.map((key) => ({ ...key })),
      );
    }),
  );
  report('unused-access', 'bindings whose holder did nothing for so long')
    .option('--days <count>', 'days', integer, 90)
    .action(({ days }: { days: number }) =>
      withAsk(context, async (ask) => {
        const { unused, isWhole } = await unusedAccess(
          ask,
          new Date(Date.now() - days * dayMs).toISOString(),
        );
        terminal.rows(
          ['principal', 'bindings'],
          unused.map(({ principal, bindings }) => ({ principal, bindings: [...bindings] })),
        );
        if (!isWhole) terminal.note('some may have acted: entries of that time are in the archive alone');
      }),
    );
  return command;

  function listed(asked: AuditFilter, span: SpanOptions): Promise<void> {
    return withAsk(context, async (ask) => {
      const filter = { ...asked, ...toFilter(undefined, span) };
      let isComplete = true;
      let heldFrom = 0;
      const entries = await everyPage(
        async (after) => {
          const page = await ask('audit.query', { filter, limit: pageMax, order: 'newest-first', ...after });
          isComplete &&= page.complete;
          heldFrom = page.heldFrom;
          return page;
        },
        (page): readonly IndexedEntry[] => page.entries,
      );
      const rows = entries.map((one) => ({
        ...rowOf(one),
        approvers: one.entry.body.approvers ?? [],
        said: JSON.stringify(one.entry.body.request),
      }));
      terminal.rows(['index', 'at', 'actor', 'operation', 'outcome', 'objects', 'approvers', 'said'], rows);
      if (!isComplete) terminal.note('INCOMPLETE: entries are missing before or between those shown');
      if (heldFrom > 0) terminal.note(notBefore(heldFrom));
    });
  }
}

function withAsk(context: CommandContext, use: (ask: Ask) => Promise<void>): Promise<void> {
  return withClient(context, (client) => use(asking(client)));
}
