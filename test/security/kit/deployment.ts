/** A whole stack in a home of its own, with the people and programs that the attacks need. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Bus, connectBus } from '@strongroom/bus';
import { encodeBytes } from '@strongroom/canonical';
import {
  type Credential,
  connectStrongroom,
  keyFileCredential,
  type StrongroomClient,
} from '@strongroom/client';
import {
  type AuditFilter,
  describeOperation,
  type EntryBody,
  newRequestId,
  type OperationName,
  type OperationReply,
  type OperationRequest,
  type ServiceName,
} from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { generateKeyFile, type NewKeyFile } from '@strongroom/sealed';
import { type Stack, type StackOptions, startStack } from '@strongroom/stack';

export const group = 'default';
export const kms = { group, key: 'kek', provider: 'test' };
const twoOfThree = 'two-of-three';

export interface Deployment {
  readonly stack: Stack;
  readonly operator: StrongroomClient;
  /** Holds kms-provider, crypto-user and secret-reader in the default group. */
  readonly app: StrongroomClient;
  readonly appKey: NewKeyFile;
  connect(credential: Credential, useSession?: boolean): Promise<StrongroomClient>;
  approver(at: number): Promise<StrongroomClient>;
  /** The bus with the credential of a service: what an attacker has who owns that service. */
  bus(service: ServiceName): Promise<Bus>;
  /** Bodies of the log that match, newest first. */
  log(filter: AuditFilter): Promise<readonly EntryBody[]>;
}

export async function startDeployment(
  context: TestContext | { after: TestContext['after'] },
  options: Partial<StackOptions> = {},
): Promise<Deployment> {
  const home = await mkdtemp(join(tmpdir(), 'sr-'));
  const stack = await startStack({ home, ...options });
  const open: { close(): Promise<void> }[] = [];
  context.after(async () => {
    await Promise.allSettled(open.map((one) => one.close()));
    await stack.stop();
    await rm(home, { recursive: true, force: true });
  });
  const ca = await readFile(stack.info.caFile, 'utf8');
  const { gatewayUrl, identityFingerprint, natsUrl, natsSeedFiles } = stack.info;
  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one);
    return one;
  };
  const connect = async (credential: Credential, useSession = true) =>
    keep(connectStrongroom({ gatewayUrl, ca, identityFingerprint, credential, useSession }));
  const operator = await connect(await keyFileCredential(stack.info.operatorKeyFile));
  const appKey = generateKeyFile('app:shop');
  try {
    await warmUp(operator);
    await prepare(operator, appKey);
  } catch (fault) {
    throw new Error(`the scene is not set; its logs say\n${await complaints(stack)}`, { cause: fault });
  }
  return {
    stack,
    operator,
    appKey,
    app: await connect({ kind: 'key', principal: appKey.principal, sign: appKey.sign }),
    connect,
    approver: async (at) => connect(await keyFileCredential(stack.info.approverKeyFiles[at] ?? '')),
    bus: async (service) => {
      const seed = (await readFile(natsSeedFiles[service] ?? '', 'utf8')).trim();
      return keep(await connectBus({ url: natsUrl, service, seed, name: `attacker-${service}` }));
    },
    log: async (filter) => {
      const { entries } = await done(operator, 'audit.query', { filter, limit: 200, order: 'newest-first' });
      return entries.map(({ entry }) => entry.body);
    },
  };
}

/** The last warnings and errors of the services, which are gone with the home of the stack. */
async function complaints({ info }: Stack): Promise<string> {
  const said: string[] = [];
  for (const name of await readdir(info.logDir)) {
    const lines = (await readFile(join(info.logDir, name), 'utf8')).split('\n');
    const grave = lines.filter((line) => /"level":[4-6]0/.test(line)).slice(-5);
    said.push(...grave.map((line) => `${name}: ${line.slice(0, 600)}`));
  }
  return said.join('\n');
}

/**
 * A stack that has just started compiles what it uses for the first time, and its first entries can be later than the log may
 * be silent. The first change that goes through ends that.
 */
async function warmUp(operator: StrongroomClient): Promise<void> {
  for (let tried = 1; tried <= 5; tried += 1) {
    const role = {
      name: `warm-up-${tried}`,
      summary: 'Grants nothing that anybody uses.',
      privileges: ['role.list'],
    };
    if ((await codeOf(operator.call('role.create', role))) === 'done') return;
  }
}

async function prepare(operator: StrongroomClient, appKey: NewKeyFile): Promise<void> {
  await done(operator, 'key.create', { group, name: kms.key, purpose: 'kek' });
  await done(operator, 'key.create', { group, name: 'guarded', purpose: 'kek', policy: twoOfThree });
  await done(operator, 'key.create', { group, name: 'data', purpose: 'data' });
  const credential = { kind: 'key' as const, publicKey: appKey.publicKey };
  await done(operator, 'principal.enrol', { principal: appKey.principal, credential });
  for (const role of ['kms-provider', 'crypto-user', 'secret-reader']) {
    await done(operator, 'binding.create', {
      name: `shop-${role}`,
      principal: appKey.principal,
      role,
      scope: { kind: 'group', group },
      effect: 'allow',
    });
  }
}

interface DoneOptions {
  readonly requestId?: string;
  readonly deadlineMs?: number;
  /** The first answer counts, whatever it is. */
  readonly isOnce?: boolean;
}

/** What a busy machine answers now and then, and every caller is told to repeat. */
const passing: ReadonlySet<string> = new Set(['audit-unavailable', 'outcome-unknown']);
const repeatMs = 250;
const repeatMsMax = 10_000;

/** The result of an operation that must not wait for approval. */
export async function done<Name extends OperationName>(
  client: StrongroomClient,
  name: Name,
  params: OperationRequest<Name>,
  { isOnce = false, ...options }: DoneOptions = {},
): Promise<OperationReply<Name>> {
  // What was refused is asked anew; of what is not known the same request tells the outcome.
  const { mutates } = describeOperation(name);
  let id = mutates ? { requestId: newRequestId() } : {};
  const until = performance.now() + repeatMsMax;
  for (;;) {
    try {
      const answer = await client.call(name, params, { ...id, ...options });
      if (answer.status !== 'done') throw new Error(`${name} waits for approval`);
      return answer.result;
    } catch (fault) {
      const isPassing = isStrongroomError(fault) && passing.has(fault.code);
      if (isOnce || !isPassing || performance.now() > until) throw fault;
      if (mutates && fault.code !== 'outcome-unknown') id = { requestId: newRequestId() };
      await new Promise((resolve) => setTimeout(resolve, repeatMs));
    }
  }
}

/** The stable code that the work ends with; `done` if it succeeds. A fault without a code is thrown. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (fault) {
    if (isStrongroomError(fault)) return fault.code;
    throw fault;
  }
}

export const seed = () => encodeBytes(randomBytes(32));

export const wrap = (client: StrongroomClient, plaintext = seed()) =>
  done(client, 'kms.wrap', { ...kms, plaintext });

/** Repeats until the check answers with something, within the time; every round awaits real work. */
export async function eventually<T>(
  what: string,
  msMax: number,
  check: () => Promise<T | undefined>,
): Promise<T> {
  const giveUpMs = performance.now() + msMax;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (performance.now() > giveUpMs) throw new Error(`not within ${msMax} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
