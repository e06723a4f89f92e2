import { decodeBytes, digest, encodeBytes, parseCanonical } from '@strongroom/canonical';
import { digestDomain, type Proposal, type Verdict, type Vote } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { readKeyFile, signVote } from '@strongroom/sealed';
import { Command } from 'commander';
import { type CommandContext, run, withClient } from '../session.ts';

export function proposalCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('proposal').description('operations that wait for a quorum');

  command
    .command('list')
    .description('list proposals, newest first')
    .option('--state <state>', 'only in this state, such as pending')
    .option('--limit <count>', 'rows a page', '20')
    .option('--after <proposal>', 'continue after this one')
    .action((options: { state?: Proposal['state']; limit: string; after?: string }) =>
      run(context, 'proposal.list', { ...options, limit: Number(options.limit) }, (reply) =>
        terminal.rows(
          ['id', 'state', 'operation', 'object', 'requester', 'missing', 'pendingUntil'],
          reply.proposals.map(summarise),
          reply.next,
        ),
      ),
    );

  command
    .command('show')
    .description('show the canonical intent that approvers sign, and the votes')
    .argument('<proposal>')
    .action((proposal: string) =>
      run(context, 'proposal.show', { proposal }, (reply) => show(context, reply)),
    );

  for (const verdict of ['approve', 'deny'] as const) {
    command
      .command(verdict)
      .description(`sign a vote to ${verdict} with your key (--key)`)
      .argument('<proposal>')
      .option('--comment <text>', 'why; part of what is signed', '')
      .option('--op-hash <hash>', 'refuse unless the proposal is exactly this operation')
      .action((proposal: string, options: { comment: string; opHash?: string }) =>
        vote(context, proposal, verdict, options),
      );
  }
  return command;
}

/** The hash is computed here from the bytes that are shown; what the service says it is counts for nothing. */
function readIntent(proposal: Proposal) {
  const intent = parseCanonical(decodeBytes(proposal.intent)) as Readonly<Record<string, unknown>>;
  const opHash = encodeBytes(digest(digestDomain.intent, intent as never));
  if (opHash !== proposal.opHash)
    throw new StrongroomError('approval-invalid', { detail: 'the intent and its hash differ' });
  return { intent, opHash };
}

function summarise(proposal: Proposal) {
  const { intent } = readIntent(proposal);
  const subject = intent['subject'] as { kind: string; group?: string; name?: string };
  return {
    id: proposal.id,
    state: proposal.state,
    operation: intent['operation'],
    object: [subject.kind, subject.group, subject.name].filter((part) => part !== undefined).join('/'),
    requester: intent['requester'],
    missing: proposal.missing,
    pendingUntil: intent['pendingUntil'],
  };
}

function show(context: CommandContext, proposal: Proposal): void {
  const { intent, opHash } = readIntent(proposal);
  const { terminal } = context;
  terminal.object({
    ...summarise(proposal),
    opHash,
    votes: proposal.votes.map(
      (each) => `${each.approver}: ${each.verdict}${each.comment ? ` (${each.comment})` : ''}`,
    ),
    failure: proposal.failure,
    intent,
  });
}

async function vote(
  context: CommandContext,
  id: string,
  verdict: Verdict,
  options: { readonly comment: string; readonly opHash?: string },
): Promise<void> {
  await withClient(context, async (client, profile) => {
    const shown = await client.call('proposal.show', { proposal: id });
    if (shown.status !== 'done') throw new StrongroomError('internal');
    const { opHash } = readIntent(shown.result);
    if (options.opHash !== undefined && options.opHash !== opHash) {
      throw new StrongroomError('approval-invalid', {
        detail: 'the proposal is another operation than --op-hash says',
      });
    }
    const key = await readKeyFile(profile.keyFile);
    const votedAt = new Date().toISOString();
    const signed: Vote = signVote(key, { opHash, verdict, comment: options.comment, votedAt });
    const answer = await client.call('proposal.vote', { proposal: id, vote: signed });
    if (answer.status === 'done') show(context, answer.result);
  });
}
