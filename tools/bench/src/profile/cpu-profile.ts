/** V8 CPU profiles as `node --cpu-prof` writes them: which stack was seen how long. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Of each sample since the one before, in µs. */
  readonly timeDeltas: readonly number[];
}

/** A frame as it is shown and sorted: `encode packages/canonical/src/canonical-json.ts`. */
export interface Frame {
  readonly name: string;
  readonly path: string;
}

export interface StackSample {
  /** From the root to the function that ran. */
  readonly frames: readonly Frame[];
  readonly us: number;
}

/** Time that the process waited is left out. */
const waiting = new Set(['(idle)', '(root)']);

/** The samples of the last so many µs before the tail, of the one profile in the folder. */
export async function readSamples(
  folder: string,
  { lastUs, tailUs }: { readonly lastUs: number; readonly tailUs: number },
): Promise<readonly StackSample[]> {
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no profile in ${folder}`);
  const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
  const stackOf = stacks(profile);
  const endUs = profile.timeDeltas.reduce((sum, us) => sum + us, 0) - tailUs;
  const found: StackSample[] = [];
  let at = 0;
  for (const [index, id] of profile.samples.entries()) {
    const us = profile.timeDeltas[index] ?? 0;
    at += us;
    const frames = stackOf(id);
    if (at < endUs - lastUs || at > endUs || waiting.has(frames.at(-1)?.name ?? '')) continue;
    found.push({ frames, us });
  }
  return found;
}

function stacks({ nodes }: CpuProfile): (id: number) => readonly Frame[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const known = new Map<number, readonly Frame[]>();
  const stackOf = (id: number): readonly Frame[] => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const parent = parents.get(id);
    const own = byId.get(id);
    const above = parent === undefined ? [] : stackOf(parent);
    const frames = own === undefined || parent === undefined ? above : [...above, frameOf(own.callFrame)];
    known.set(id, frames);
    return frames;
  };
  return stackOf;
}

function frameOf({ functionName, url }: CallFrame): Frame {
  const path = url
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/(packages|services|kubernetes|apps|tools)\//, '$1/');
  return { name: functionName === '' ? 'anonymous' : functionName, path };
}
