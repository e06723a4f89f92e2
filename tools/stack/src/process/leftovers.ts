/**
 * Processes of an earlier stack in the same home that was killed itself. They are recorded with the moment of their
 * start, so that a process id that was given to somebody else meanwhile is never touched.
 */
import { readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

interface Recorded {
  readonly name: string;
  readonly pid: number;
  /** Clock ticks from boot to its start (proc_pid_stat(5), field 22). */
  readonly startedTicks: string;
}

const fileIn = (run: string) => join(run, 'processes.json');
const endByThemselvesMs = 8_000;
const askMs = 25;

/** `undefined`: no such process, or a system without /proc, where nothing can be said. */
export function startedTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; the fields after it are numbers. A zombie has ended.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export async function recordProcesses(
  run: string,
  processes: Readonly<Record<string, number>>,
): Promise<void> {
  const recorded = Object.entries(processes).flatMap(([name, pid]): Recorded[] => {
    const ticks = startedTicks(pid);
    return ticks === undefined ? [] : [{ name, pid, startedTicks: ticks }];
  });
  const draft = `${fileIn(run)}.new`;
  await writeFile(draft, JSON.stringify(recorded), { mode: 0o600 });
  await rename(draft, fileIn(run));
}

/** Waits for what is still ending, and kills what does not. Returns the names of those that were killed. */
export async function endLeftovers(run: string): Promise<string[]> {
  const recorded = await readFile(fileIn(run), 'utf8').then(
    (text) => JSON.parse(text) as Recorded[],
    () => [],
  );
  const isLeft = ({ pid, startedTicks: ticks }: Recorded) => startedTicks(pid) === ticks;
  const left = recorded.filter(isLeft);
  for (const { pid } of left) signal(pid, 'SIGTERM');
  const giveUpMs = performance.now() + endByThemselvesMs;
  while (left.some(isLeft) && performance.now() < giveUpMs) await delay(askMs);
  const killed = left.filter(isLeft);
  for (const { pid } of killed) signal(pid, 'SIGKILL');
  while (killed.some(isLeft)) await delay(askMs);
  return killed.map(({ name }) => name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Ended by itself meanwhile.
  }
}
