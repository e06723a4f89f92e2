/** Reads the token of a stack in a process of its own, because SoftHSM takes its place from the environment. */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StackInfo } from '@strongroom/stack';
import type { TokenKey } from './read-token-main.ts';

const program = fileURLToPath(new URL('./read-token-main.ts', import.meta.url));

export async function readToken(hsm: StackInfo['hsm']): Promise<readonly TokenKey[]> {
  const argument = JSON.stringify({ module: hsm.module, tokenLabel: hsm.tokenLabel, pinFile: hsm.pinFile });
  const { stdout } = await promisify(execFile)(process.execPath, [program, argument], {
    env: { ...hsm.env },
  });
  return JSON.parse(stdout) as TokenKey[];
}
