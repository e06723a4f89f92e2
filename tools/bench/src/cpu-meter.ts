/** CPU time of processes and their children, as Linux accounts for it (proc(5)). */
import { readdir, readFile } from 'node:fs/promises';

/** `sysconf(_SC_CLK_TCK)` is 100 on every Linux that Node.js runs on. */
const tickUs = 10_000;

interface ProcessTimes {
  readonly parent: number;
  readonly cpuUs: number;
  readonly residentBytes: number;
}

const pageBytes = 4_096;

async function timesOf(pid: number): Promise<ProcessTimes | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name, in parentheses, may hold anything.
  const fields = text
    ?.slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  if (fields === undefined) return undefined;
  const at = (index: number) => fields[index] ?? 0;
  return { parent: at(1), cpuUs: (at(11) + at(12)) * tickUs, residentBytes: at(21) * pageBytes };
}

/** Of each named process with its children, in µs since it started. */
export async function cpuOf(
  processes: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<string, number>> {
  const all = new Map<number, ProcessTimes>();
  for (const name of await readdir('/proc')) {
    const times = /^\d+$/.test(name) ? await timesOf(Number(name)) : undefined;
    if (times !== undefined) all.set(Number(name), times);
  }
  return new Map(
    Object.entries(processes).map(([name, pid]) => {
      const children = [...all.values()].filter(({ parent }) => parent === pid);
      const own = all.get(pid)?.cpuUs ?? 0;
      return [name, children.reduce((sum, { cpuUs }) => sum + cpuUs, own)];
    }),
  );
}

/** MiB of memory that each named process holds now. */
export async function residentMib(
  processes: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<string, number>> {
  const entries = await Promise.all(
    Object.entries(processes).map(async ([name, pid]) => {
      const times = await timesOf(pid);
      return [name, Math.round((times?.residentBytes ?? 0) / 1_048_576)] as const;
    }),
  );
  return new Map(entries);
}

/** Open files, sockets and pipes of each named process. */
export async function openHandles(
  processes: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<string, number>> {
  const entries = await Promise.all(
    Object.entries(processes).map(
      async ([name, pid]) => [name, (await readdir(`/proc/${pid}/fd`)).length] as const,
    ),
  );
  return new Map(entries);
}
