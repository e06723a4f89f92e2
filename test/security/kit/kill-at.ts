/**
 * Loaded into a crypto worker with `--import`: ends the process at once when the step that a file names is reached. Uses
 * the channel on which every process tells its steps, so that the sources have no branch for tests.
 */
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, rmSync } from 'node:fs';
import process from 'node:process';

const file = process.env['KILL_AT_FILE'] ?? '';

subscribe('strongroom.step', (message) => {
  const { name, operation } = message as { name: string; operation?: string };
  let wanted: string;
  try {
    wanted = readFileSync(file, 'utf8');
  } catch {
    // No step is named at the moment.
    return;
  }
  const [step, onlyOperation] = wanted.split(' ');
  if (name !== step || (operation !== undefined && operation !== onlyOperation)) return;
  rmSync(file);
  process.kill(process.pid, 'SIGKILL');
});
