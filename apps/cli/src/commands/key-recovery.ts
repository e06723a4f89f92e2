/** Backup and restoration of a key. The recovery key is used here, on the machine of whoever holds it. */
import { constants, createPrivateKey, createPublicKey, privateDecrypt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { decodeBytes, encodeBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, type KeyBackup, type KeyBackupReply, type KeyDescription } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { verifyImportKey, wrapForImport } from '@strongroom/sealed';
import type { Command } from 'commander';
import { type CommandContext, run, withClient } from '../session.ts';
import { group, requestIdOption } from './options.ts';

export function addKeyRecovery(
  command: Command,
  context: CommandContext,
  show: (key: KeyDescription) => void,
): void {
  command
    .command('backup')
    .description('write an exportable key to a file that only the holder of the recovery key can open')
    .argument('<name>')
    .addOption(group())
    .requiredOption('--recovery-key <file>', 'public RSA key, PEM, of at least 3072 bits')
    .requiredOption('--out <file>', 'new file')
    .addOption(requestIdOption())
    .action((name: string, options: BackupOptions) => backup(context, name, options));
  command
    .command('restore')
    .description('bring a key back from a backup; a quorum has to agree')
    .argument('<backup>', 'file')
    .requiredOption('--recovery-key <file>', 'private RSA key, PEM; it does not leave this machine')
    .requiredOption('--policy <name>', 'policy of the restored key, whose quorum decides')
    .action((file: string, options: RestoreOptions) => restore(context, file, options, show));
}

interface BackupOptions {
  readonly group: string;
  readonly recoveryKey: string;
  readonly out: string;
  readonly requestId?: string;
}

async function backup(context: CommandContext, name: string, options: BackupOptions): Promise<void> {
  const publicKey = createPublicKey(await readFile(options.recoveryKey));
  const recoveryKey = encodeBytes(publicKey.export({ format: 'der', type: 'spki' }));
  const write = async (reply: KeyBackupReply) => {
    await writeFile(options.out, decodeBytes(reply.backup), { flag: 'wx', mode: 0o600 });
    context.terminal.object({ backup: options.out, recoveryKey: reply.recoveryKey });
  };
  await run(context, 'key.backup', { group: options.group, name, recoveryKey }, write, options.requestId);
}

interface RestoreOptions {
  readonly recoveryKey: string;
  readonly policy: string;
}

async function restore(
  context: CommandContext,
  file: string,
  { recoveryKey, policy }: RestoreOptions,
  show: (key: KeyDescription) => void,
): Promise<void> {
  const bytes = await readFile(file);
  const { content, identity } = readBackup(bytes);
  const privateKey = createPrivateKey(await readFile(recoveryKey));
  await withClient(context, async (client, profile) => {
    const answer = await client.call('key.import-key', {});
    if (answer.status !== 'done') throw new StrongroomError('internal');
    const shown = { identity: await client.identity(), signed: answer.result.importKey };
    const importKey = verifyImportKey(profile.identityFingerprint, shown);
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const sealed = decodeBytes(content.encryptedKey);
    const key = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha256' }, sealed);
    const wrappedKey = encodeBytes(wrapForImport(importKey, key));
    key.fill(0);
    const named = { group: content.group, name: content.name };
    const restored = { ...named, backup: encodeBytes(bytes), identity, wrappedKey, policy };
    const outcome = await client.call('key.restore', restored);
    if (outcome.status === 'done') return show(outcome.result);
    context.terminal.object({ status: 'pending', ...outcome.approval });
    throw new StrongroomError('approval-pending', {
      detail: `strongroom proposal show ${outcome.approval.proposal}`,
    });
  });
}

function readBackup(bytes: Uint8Array): KeyBackup {
  const value: unknown = parseCanonical(bytes);
  if (!checkers.keyBackup.check(value))
    throw new StrongroomError('request-invalid', { detail: 'no backup of a key' });
  return value;
}
