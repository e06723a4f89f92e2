/** One connection for one command: opened late, closed always. */
import { readFile } from 'node:fs/promises';
import {
  connectStrongroom,
  keyFileCredential,
  patientClient,
  type StrongroomClient,
} from '@strongroom/client';
import type { OperationName, OperationReply, OperationRequest, PendingApproval } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Terminal } from './output/terminal.ts';
import { type Profile, type ProfileOptions, readProfile } from './profile.ts';

export interface CommandContext {
  readonly terminal: Terminal;
  readonly profile: () => ProfileOptions;
  /** Bytes of standard input, up to a limit. */
  readonly readInput: () => Promise<Uint8Array>;
}

export async function withClient<T>(
  context: CommandContext,
  use: (client: StrongroomClient, profile: Profile) => Promise<T>,
): Promise<T> {
  const profile = await readProfile(context.profile());
  const ca = await readFile(profile.caFile, 'utf8').catch((fault: unknown) => {
    throw new StrongroomError('configuration-invalid', {
      detail: `cannot read ${profile.caFile}`,
      cause: fault,
    });
  });
  const client = await connectStrongroom({
    gatewayUrl: profile.gatewayUrl,
    ca,
    identityFingerprint: profile.identityFingerprint,
    pool: profile.pool,
    tenant: profile.tenant,
    credential: await keyFileCredential(profile.keyFile),
  });
  try {
    return await use(patientClient(client), profile);
  } finally {
    await client.close();
  }
}

/**
 * Calls one operation and shows the answer, or that it waits for approval (exit status of `approval-pending`). The id of the proposal
 * is the request id: asked again with it, what was approved meanwhile answers.
 */
export async function run<Name extends OperationName>(
  context: CommandContext,
  operation: Name,
  params: OperationRequest<Name>,
  show: (result: OperationReply<Name>) => void | Promise<void>,
  requestId?: string,
): Promise<void> {
  await withClient(context, async (client) => {
    const answer = await client.call(operation, params, requestId === undefined ? {} : { requestId });
    if (answer.status === 'pending') return showPending(context.terminal, answer.approval);
    await show(answer.result);
  });
}

export function showPending(terminal: Terminal, approval: PendingApproval): never {
  terminal.object({ status: 'pending', ...approval });
  throw new StrongroomError('approval-pending', { detail: `strongroom proposal show ${approval.proposal}` });
}
