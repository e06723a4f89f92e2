/** The full chain: the platform's own clients against a whole local stack, every guarantee on. */
import { readFile } from 'node:fs/promises';
import {
  type Credential,
  connectStrongroom,
  keyFileCredential,
  type StrongroomClient,
  type StrongroomOptions,
} from '@strongroom/client';
import type { OperationName, OperationReply, OperationRequest } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { generateKeyFile } from '@strongroom/sealed';
import type { StackInfo } from '@strongroom/stack';

export type Ask = <Name extends OperationName>(
  name: Name,
  params: OperationRequest<Name>,
) => Promise<OperationReply<Name>>;

export interface FullChain {
  /** As a machine that may use keys and secrets of the group. */
  readonly app: Ask;
  /** As a person that may do everything, what is there already being no fault. */
  readonly prepare: (name: OperationName, params: object) => Promise<void>;
  /** The same machine once more, with a session of its own. */
  readonly connectApp: () => Promise<Ask>;
  /** A client of its own, for callers that are strangers to each other. */
  connect(credential: Credential, options?: Partial<StrongroomOptions>): Promise<StrongroomClient>;
  close(): Promise<void>;
}

export const group = 'default';
const principal = 'app:bench';
/** What the bench does with keys and secrets, and nothing more. */
const roles = ['kms-provider', 'crypto-user', 'secret-reader', 'secret-writer'];

export async function openFullChain(info: StackInfo): Promise<FullChain> {
  const clients: StrongroomClient[] = [];
  const ca = await readFile(info.caFile, 'utf8');
  const { gatewayUrl, identityFingerprint } = info;
  const connect: FullChain['connect'] = async (credential, options) => {
    const client = connectStrongroom({ gatewayUrl, ca, identityFingerprint, credential, ...options });
    clients.push(client);
    return client;
  };
  const operator = await connect(await keyFileCredential(info.operatorKeyFile));
  const prepare: FullChain['prepare'] = async (name, params) => {
    try {
      await operator.call(name, params as never);
    } catch (fault) {
      if (!isStrongroomError(fault) || fault.code !== 'already-exists') throw fault;
    }
  };
  const key = generateKeyFile(principal);
  await prepare('principal.enrol', { principal, credential: { kind: 'key', publicKey: key.publicKey } });
  for (const role of roles) await bind(prepare, principal, role);
  const connectApp = async () => asking(await connect({ kind: 'key', principal, sign: key.sign }));
  return {
    app: await connectApp(),
    prepare,
    connectApp,
    connect,
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

export function asking(client: StrongroomClient): Ask {
  return async (name, params) => {
    const answer = await client.call(name, params);
    if (answer.status !== 'done') throw new Error(`${name} waits for approval`);
    return answer.result;
  };
}

export function bind(prepare: FullChain['prepare'], to: string, role: string): Promise<void> {
  const scope = { kind: 'group', group };
  const name = `${to.replaceAll(/[^a-z0-9]/g, '-')}-${role}`.slice(-63).replace(/^-+/, '');
  return prepare('binding.create', { name, principal: to, role, scope, effect: 'allow' });
}
