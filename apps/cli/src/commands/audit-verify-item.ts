/** Whether one item was part of a batch, by the batch's entry: in a bundle, with no network; or in the running log. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { checkers, type ItemProof } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Command } from 'commander';
import { type CommandContext, withClient } from '../session.ts';
import { splitLines } from '../verify/split-lines.ts';
import { type ItemVerdict, judgeItem, verifyItemInBundle } from '../verify/verify-item.ts';
import { asking } from './asking.ts';
import { trustedBy, type VerifyOptions } from './audit-verify.ts';

interface ItemOptions extends VerifyOptions {
  readonly bundle?: string;
}

export function verifyItemCommand(context: CommandContext): Command {
  return new Command('verify-item')
    .description('verify the proof of one item of a batch, that crypto prove made')
    .argument('<proof>')
    .option('--bundle <file>', 'bundle with the entry of the batch; no network. Without it the log is asked')
    .option('--identity-fingerprint <fingerprint>', 'SHA256:… of the deployment; with --bundle')
    .action(async (path: string, options: ItemOptions) => {
      const proof = parseProof(await readFile(path, 'utf8'));
      const { bundle } = options;
      const verdict =
        bundle === undefined
          ? await askLog(context, proof)
          : await verifyItemInBundle(proof, splitLines(createReadStream(bundle)), trustedBy(options));
      show(context, proof, verdict, bundle ?? 'the running log, as it says');
    });
}

function parseProof(text: string): ItemProof {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The refusal below says what is needed.
  }
  if (checkers.itemProof.check(value)) return value as ItemProof;
  throw new StrongroomError('request-invalid', { detail: 'the file is no proof of an item' });
}

function askLog(context: CommandContext, proof: ItemProof): Promise<ItemVerdict> {
  return withClient(context, async (client) => {
    const { entries } = await asking(client)('audit.query', {
      filter: { operation: proof.operation },
      limit: 1,
      order: 'oldest-first',
      first: proof.entry,
    });
    return judgeItem(proof, entries.find(({ index }) => index === proof.entry)?.entry);
  });
}

const codes = { unproven: 'absent', refused: 'record-tampered' } as const;

function show(
  { terminal }: CommandContext,
  { operation, entry, index, count, request, result }: ItemProof,
  verdict: ItemVerdict,
  by: string,
): void {
  const item = `${index + 1} of ${count}`;
  if (verdict.verdict !== 'proven') {
    terminal.object({ verdict: verdict.verdict, operation, entry, item, by, reasons: [verdict.reason] });
    throw new StrongroomError(codes[verdict.verdict], { detail: verdict.reason });
  }
  const { body, placement } = verdict.entry;
  terminal.object({
    verdict: 'proven',
    operation,
    entry,
    item,
    by,
    at: placement.at,
    actor: body.actor.id,
    request: JSON.stringify(request),
    result: JSON.stringify(result),
  });
}
