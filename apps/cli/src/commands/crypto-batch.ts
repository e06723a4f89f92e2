/** Many items in one call; and the proof of one of them, for whoever is to believe it without seeing the others. */
import { readFile, writeFile } from 'node:fs/promises';
import { type BatchReply, batchItemsMax, type OperationRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Argument, type Command } from 'commander';
import { type CommandContext, withClient } from '../session.ts';
import { batchRecordText, proveItemOf } from '../verify/batch-record.ts';
import { type InputOptions, inputFile, readText } from './crypto-input.ts';
import { group, integer } from './options.ts';

const verbs = [
  'encrypt',
  'decrypt',
  'rewrap',
  'data-key',
  'wrap',
  'unwrap',
  'sign',
  'verify',
  'mac',
  'verify-mac',
  'random',
] as const;
type Verb = (typeof verbs)[number];

const ownerOnly = { mode: 0o600, flag: 'wx' } as const;

interface BatchOptions extends InputOptions {
  readonly group: string;
  readonly out: string;
}

export function addBatchCommands(command: Command, context: CommandContext): void {
  command
    .command('batch')
    .description(`one operation on up to ${batchItemsMax} items; items and results go to a new file`)
    .addArgument(new Argument('<operation>').choices(verbs))
    .addOption(group().default('default', 'default, for items that name none'))
    .addOption(inputFile())
    .requiredOption('--out <path>', 'new file, mode 0600: the results, and what proves any item later')
    .addHelpText(
      'after',
      '\nThe input is a JSON array of requests as docs/reference/operations.md has them, bytes as base64url:\n' +
        '  [{"key":"orders","plaintext":"NDI"},{"key":"orders","plaintext":"NDM"}]',
    )
    .action(async (verb: Verb, options: BatchOptions) => {
      const items = await readItems(context, verb, options);
      const operation = `crypto.${verb}-many` as const;
      await withClient(context, async (client) => {
        // All batch forms have one shape of reply, and the worker judges the items.
        const params = { items } as unknown as OperationRequest<typeof operation>;
        const answer = await client.call(operation, params);
        if (answer.status !== 'done') throw new StrongroomError('internal');
        const { entry } = answer;
        const reply = answer.result as BatchReply<object>;
        await writeFile(
          options.out,
          batchRecordText({ operation, entry, requests: items, reply }),
          ownerOnly,
        );
        const outcomes = reply.outcomes.map(({ outcome, count }) => `${outcome}: ${count}`);
        context.terminal.object({ operation, entry, count: reply.count, outcomes, written: options.out });
      });
    });

  command
    .command('prove')
    .description('the proof of one item of a batch; it shows nothing of the others, and needs no network')
    .argument('<batch>', 'file that crypto batch wrote')
    .requiredOption('--item <number>', 'which, from 1', integer)
    .requiredOption('--out <path>', 'new file, mode 0600: the proof shows what was asked and answered')
    .action(async (path: string, { item, out }: { readonly item: number; readonly out: string }) => {
      const proof = proveItemOf(await readFile(path, 'utf8'), item);
      await writeFile(out, `${JSON.stringify(proof)}\n`, ownerOnly);
      const { operation, entry, count } = proof;
      context.terminal.object({ operation, entry, item, count, written: out });
    });
}

async function readItems(
  context: CommandContext,
  verb: Verb,
  options: BatchOptions,
): Promise<readonly object[]> {
  const items = parseItems(await readText(context, options));
  return verb === 'random' ? items : items.map((item) => ({ group: options.group, ...item }));
}

function parseItems(text: string): readonly object[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null))
      return value as readonly object[];
  } catch {
    // The refusal below says what is needed; what a parser quotes may be a secret.
  }
  throw new StrongroomError('request-invalid', { detail: 'a JSON array of items is needed' });
}
