/**
 * Makes what a new deployment starts from: the key files of operators and approvers, the key of the audit service, and
 * the governance root that all of them sign. Needs no network. The ceremony then pins the root in the HSM.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { GovernanceRoot, SignedGovernanceRoot } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { generateKeyFile, type KeyFile, signGovernanceRoot, writeKeyFile } from '@strongroom/sealed';
import { Command } from 'commander';
import type { CommandContext } from '../session.ts';
import { integer } from './options.ts';

interface InitOptions {
  readonly deployment: string;
  readonly operator: readonly string[];
  readonly approver: readonly string[];
  readonly threshold: number;
  readonly policy: string;
  readonly out: string;
  readonly dryRun?: true;
}

const pendingSecondsDefault = 24 * 3_600;
const executeWithinSecondsDefault = 3_600;
const ownerOnlyDirectory = 0o700;
const collect = (value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value];

export function initCommand(context: CommandContext): Command {
  return new Command('init')
    .description('make the keys and the governance root of a new deployment (no network)')
    .requiredOption('--deployment <name>', 'name of the deployment; origin of its log')
    .requiredOption('--operator <name>', 'first operator, without user:; may be repeated', collect)
    .requiredOption('--approver <name>', 'approver, without user:; may be repeated', collect)
    .requiredOption('--threshold <count>', 'approvals that a guarded operation needs', integer)
    .option('--policy <name>', 'name of the policy', 'quorum')
    .requiredOption('--out <directory>', 'new directory for the files')
    .option('--dry-run', 'say what would be made')
    .action((options: InitOptions) => init(context, options));
}

async function init(context: CommandContext, options: InitOptions): Promise<void> {
  const { operator, approver, threshold } = options;
  refuseUnsound(operator, approver, threshold);
  const directory = resolve(options.out);
  if (options.dryRun) {
    context.terminal.object({ directory, operators: operator, approvers: approver, threshold, made: false });
    return;
  }
  const operators = operator.map((name) => generateKeyFile(`user:${name}`));
  const approvers = approver.map((name) => generateKeyFile(`user:${name}`));
  const auditService = generateKeyFile('app:audit-service');
  const root: GovernanceRoot = {
    type: 'strongroom.governance-root/1',
    version: 1,
    deployment: options.deployment,
    tenant: 'default',
    operators: operators.map(toHolder),
    approvers: approvers.map(toHolder),
    auditService: auditService.publicKey,
    policies: [
      {
        name: options.policy,
        version: 1,
        threshold,
        approvers: approvers.map(({ principal }) => principal),
        pendingSeconds: pendingSecondsDefault,
        executeWithinSeconds: executeWithinSecondsDefault,
      },
    ],
  };
  const signed: SignedGovernanceRoot = signGovernanceRoot(root, [...operators, ...approvers]);
  await mkdir(directory, { mode: ownerOnlyDirectory });
  for (const key of [...operators, ...approvers]) await writeKeyFile(join(directory, fileName(key)), key);
  await writeKeyFile(join(directory, 'audit-service.json'), auditService);
  const governanceFile = join(directory, 'governance.json');
  await writeFile(governanceFile, JSON.stringify(signed), { flag: 'wx' });
  context.terminal.object({
    governanceFile,
    operatorKeyFiles: operators.map((key) => join(directory, fileName(key))),
    approverKeyFiles: approvers.map((key) => join(directory, fileName(key))),
    auditServiceKeyFile: join(directory, 'audit-service.json'),
    next: 'give each person their key file over a safe way, then run the ceremony where the HSM is',
  });
}

function refuseUnsound(operators: readonly string[], approvers: readonly string[], threshold: number): void {
  const everybody = [...operators, ...approvers];
  if (new Set(everybody).size !== everybody.length) {
    throw new StrongroomError('request-invalid', {
      detail: 'each person is named once; an operator is no approver',
    });
  }
  if (threshold < 1 || threshold > approvers.length) {
    throw new StrongroomError('request-invalid', { detail: '--threshold is 1 to the number of approvers' });
  }
}

const toHolder = ({ principal, publicKey }: KeyFile) => ({ principal, publicKey });
const fileName = ({ principal }: KeyFile) => `${principal.slice('user:'.length)}.json`;
