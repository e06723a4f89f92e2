/**
 * The main job of `npm start`: what the product is for, once, on real parts, each step timed and each claim checked.
 * Nothing is called in-process: a stock gRPC client on the plugin's socket, the command line, the agent.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isStrongroomError, StrongroomError, toStrongroomError } from '@strongroom/errors';
import type { StackInfo } from '../stack-info.ts';
import { runAuditStep } from './audit-step.ts';
import { type CommandLine, makeCommandLine, unlessThere } from './command-line.ts';
import { connectKms, type KmsClient } from './kms-client.ts';
import { runKmsStep } from './kms-step.ts';
import { formatRows, type StepRow } from './measurement.ts';
import { runRotationStep } from './rotation-step.ts';
import { runSecretsStep } from './secrets-step.ts';

const kek = 'kms';
const provider = 'plugin:kms-1';
const healthyMsMax = 30_000;

export interface MainJobOptions {
  readonly info: StackInfo;
  /** Path of stack.json. */
  readonly profile: string;
  readonly print: (line: string) => void;
}

/** `false`: a step failed; what and why is printed. */
export async function runMainJob({ info, profile, print }: MainJobOptions): Promise<boolean> {
  const startedAt = new Date().toISOString();
  const operator = makeCommandLine(profile);
  const approvers = info.approverKeyFiles.map((file) => makeCommandLine(profile, file));
  const kms = connectKms(info.kmsSocket);
  const rows: StepRow[] = [];
  const step = async <T extends { rows: StepRow[] } | StepRow[]>(
    name: string,
    work: () => Promise<T>,
  ): Promise<T> => {
    print(`  ${name} …`);
    const result = await work();
    rows.push(...(Array.isArray(result) ? result : result.rows));
    return result;
  };
  try {
    await prepareProvider(info, operator, kms);
    const { seeds, keyId } = await step('KMS: status, wrap and unwrap over the socket', () =>
      runKmsStep(kms),
    );
    await step('secrets: written by the operator, fetched by a workload', () =>
      runSecretsStep(info, operator),
    );
    await step('guarded rotation: two of three approvers', () =>
      runRotationStep({ operator, approvers, kms, key: kek, oldSeeds: seeds, oldKeyId: keyId }),
    );
    await step('audit: query, export, verify, refuse', () => runAuditStep(info, operator, startedAt));
    print(`\n${formatRows(rows)}`);
    return true;
  } catch (fault) {
    const { code, message, detail } = toStrongroomError(fault);
    if (rows.length > 0) print(`\n${formatRows(rows)}`);
    print(`\nThe main job failed: ${message} (${code})${detail === undefined ? '' : `\n  ${detail}`}`);
    if (code === 'internal' && fault instanceof Error && !(fault instanceof StrongroomError))
      print(`  ${fault.stack}`);
    return false;
  } finally {
    kms.close();
  }
}

/** A KEK whose rotation needs two of three, and a plugin that may use it. Found done by a second run. */
async function prepareProvider(info: StackInfo, operator: CommandLine, kms: KmsClient): Promise<void> {
  await operator(['key', 'describe', kek]).catch((fault: unknown) => {
    if (!isStrongroomError(fault) || fault.code !== 'absent') throw fault;
    return operator(['key', 'create', kek, '--purpose', 'kek', '--policy', 'two-of-three']);
  });
  await unlessThere(operator(['principal', 'enrol', provider, '--key-file', info.kmsPluginKeyFile]));
  await unlessThere(operator(['role', 'bind', provider, 'kms-provider', '--group', 'default']));
  const giveUpMs = performance.now() + healthyMsMax;
  for (;;) {
    const healthz = await kms.status().then(
      (status) => status.healthz,
      (fault: Error) => fault.message,
    );
    if (healthz === 'ok') return;
    if (performance.now() > giveUpMs) {
      throw new StrongroomError('deadline-exceeded', { detail: `the plugin is not healthy: ${healthz}` });
    }
    await delay(50);
  }
}
