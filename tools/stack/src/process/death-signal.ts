/**
 * What runs in front of every process of the stack on Linux: `setpriv` asks the kernel to end it when the stack's own
 * process ends, even by SIGKILL, so that nothing is left behind that nobody minds.
 */
import { existsSync } from 'node:fs';

const setpriv = '/usr/bin/setpriv';
const isThere = process.platform === 'linux' && existsSync(setpriv);

export type DeathSignal = 'TERM' | 'INT';

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

export function endingWithUs({ command, args }: CommandLine, signal: DeathSignal = 'TERM'): CommandLine {
  if (!isThere) return { command, args };
  // Another setpriv, for the user to run as: the request has to come after the change of user, which takes it back.
  if (command === 'setpriv' || command === setpriv) {
    return { command: setpriv, args: [`--pdeathsig=${signal}`, ...args] };
  }
  return { command: setpriv, args: [`--pdeathsig=${signal}`, '--', command, ...args] };
}
