/**
 * The kinds of tasks on the token. What takes an RSA private key takes milliseconds and goes through another thread; the others
 * take a tenth of one, and are faster without it.
 */
import type { HsmTask, HsmTaskOf } from '../../ports/hsm-key.ts';
import { requireCapability } from './capabilities.ts';
import { decryptOaep } from './oaep.ts';
import { randomBytes } from './random-bytes.ts';
import { schemeOf } from './signature.ts';
import { signatureJob, signOnOtherThread, signOnToken, verifyOnToken } from './signing.ts';
import { decryptItem, encryptItem, macItem } from './token-cipher.ts';
import type { TokenConnection } from './token-connection.ts';
import { unwrapBytes, wrapBytes } from './wrapped-bytes.ts';

export type QuickTask = Exclude<HsmTask, HsmTaskOf<'decrypt-oaep'>>;

export function isQuick(task: HsmTask): task is QuickTask {
  return task.kind !== 'decrypt-oaep' && !(task.kind === 'sign' && schemeOf(task.algorithm).isSlow);
}

export function runQuickTask(connection: TokenConnection, task: QuickTask): Uint8Array {
  switch (task.kind) {
    case 'encrypt':
      return encryptItem(connection, task);
    case 'decrypt':
      return decryptItem(connection, task);
    case 'wrap':
      return wrapBytes(connection, task.label, task.algorithm, task.plaintext);
    case 'unwrap':
      return unwrapBytes(connection, task.label, task.algorithm, task.wrapped);
    case 'sign':
      return signOnToken(connection, signatureJob(task));
    case 'verify':
      return Uint8Array.of(verifyOnToken(connection, signatureJob(task), task.signature) ? 1 : 0);
    case 'mac':
      return macItem(connection, task);
    case 'random':
      return randomBytes(connection, task.bytes);
  }
}

export async function runTask(connection: TokenConnection, task: HsmTask): Promise<Uint8Array> {
  if (task.kind === 'decrypt-oaep') return openOaep(connection, task);
  if (task.kind !== 'sign') return runQuickTask(connection, task);
  const job = signatureJob(task);
  return job.isSlow ? signOnOtherThread(connection, job) : signOnToken(connection, job);
}

async function openOaep(
  connection: TokenConnection,
  { label, sealed, hash }: HsmTaskOf<'decrypt-oaep'>,
): Promise<Uint8Array> {
  await requireCapability(connection, 'mechanisms', `rsa-oaep-${hash}`);
  return decryptOaep(connection, label, sealed, hash);
}
