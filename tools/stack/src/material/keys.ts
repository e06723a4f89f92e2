/**
 * The people and machines of a local deployment: one operator, three approvers of whom two decide, the audit service,
 * the KMS plugin. Made by `strongroom init`, as for any deployment.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateKeyFile, writeKeyFile } from '@strongroom/sealed';
import { runToEnd } from '../process/managed-process.ts';

const cliMain = fileURLToPath(new URL('../../../../apps/cli/src/main.ts', import.meta.url));

/** Name of the deployment, and origin of its log. */
export const deployment = 'local';
const kmsPluginPrincipal = 'plugin:kms-1';
const operator = 'operator';
const approvers = ['approver-1', 'approver-2', 'approver-3'];

export interface Keys {
  readonly operatorKeyFile: string;
  readonly approverKeyFiles: readonly string[];
  readonly auditServiceKeyFile: string;
  readonly kmsPluginKeyFile: string;
  readonly governanceFile: string;
}

/** Makes them the first time. They appear together, by one rename. */
export async function makeKeys(folder: string): Promise<Keys> {
  if (!existsSync(folder)) {
    const draft = `${folder}.new`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await runToEnd('strongroom init', {
      command: process.execPath,
      args: [
        ...[cliMain, 'init', '--deployment', deployment, '--operator', operator],
        ...approvers.flatMap((name) => ['--approver', name]),
        ...['--policy', 'two-of-three', '--threshold', '2', '--out', join(draft, 'root')],
      ],
    });
    await writeKeyFile(join(draft, 'kms-plugin.json'), generateKeyFile(kmsPluginPrincipal));
    await rename(draft, folder);
  }
  const root = join(folder, 'root');
  return {
    operatorKeyFile: join(root, `${operator}.json`),
    approverKeyFiles: approvers.map((name) => join(root, `${name}.json`)),
    auditServiceKeyFile: join(root, 'audit-service.json'),
    kmsPluginKeyFile: join(folder, 'kms-plugin.json'),
    governanceFile: join(root, 'governance.json'),
  };
}
