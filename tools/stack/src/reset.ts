import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { homeAt } from './home.ts';
import { lockHome } from './home-lock.ts';
import { endLeftovers } from './process/leftovers.ts';
import { StackProblem } from './stack-problem.ts';

/**
 * Removes all state of the stack in that home. `false`: there was none. Throws `StackProblem` while a stack runs there, and
 * for a folder that is no stack's.
 */
export async function resetStack(path: string): Promise<boolean> {
  const home = homeAt(path);
  if (!existsSync(home.root)) return false;
  if (!existsSync(home.run) || !existsSync(home.secrets)) {
    throw new StackProblem(`${home.root} is not the home of a stack; nothing was removed`);
  }
  const lock = await lockHome(home.root);
  if (!lock.isHeld) {
    throw new StackProblem(`a stack runs in ${home.root} (process ${lock.holder}); stop it first`);
  }
  try {
    await endLeftovers(home.run);
    await rm(home.root, { recursive: true });
    const socketFolder = dirname(home.kmsSocket);
    if (!socketFolder.startsWith(home.root)) await rm(socketFolder, { recursive: true, force: true });
  } finally {
    lock.release();
  }
  return true;
}
