/** The key ceremony of the local HSM: its keys are made and the governance root is pinned, once. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToEnd } from '../process/managed-process.ts';
import { StackProblem } from '../stack-problem.ts';
import { replaceFile } from './secret-file.ts';

const ceremonyMain = fileURLToPath(
  new URL('../../../../services/crypto-worker/src/ceremony-main.ts', import.meta.url),
);

export interface Identity {
  /** Ed25519 public key of the deployment, base64url. */
  readonly identity: string;
  readonly identityFingerprint: string;
}

/** `env`: what tells a crypto worker where its token and the governance root are. */
export async function holdCeremony(
  hsmFolder: string,
  env: Readonly<Record<string, string>>,
): Promise<Identity> {
  const record = join(hsmFolder, 'ceremony.json');
  if (existsSync(record)) return readIdentity(await readFile(record, 'utf8'));
  const told = await runToEnd('the key ceremony', { command: process.execPath, args: [ceremonyMain] }, env);
  const last = told.trimEnd().split('\n').at(-1) ?? '';
  const identity = readIdentity(last);
  await replaceFile(record, last);
  return identity;
}

function readIdentity(text: string): Identity {
  const { identity, identityFingerprint } = JSON.parse(text) as Partial<Identity>;
  if (typeof identity !== 'string' || typeof identityFingerprint !== 'string') {
    throw new StackProblem('the key ceremony told no identity', [text]);
  }
  return { identity, identityFingerprint };
}
