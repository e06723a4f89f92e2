/** Compiles `fault-module.c` with the compiler that set-up brings for the binding; once for each content of the file. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool } from '@strongroom/testing';

const source = join(import.meta.dirname, 'fault-module.c');
const folder = join(import.meta.dirname, '..', '..', '..', '..', '.setup', 'fault-module');
const flags = ['-shared', '-fPIC', '-O1', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'];

/** Path of the module. */
export async function buildFaultModule(): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(source))
    .digest('hex');
  const module = join(folder, `${digest.slice(0, 16)}.so`);
  if (existsSync(module)) return module;
  await mkdir(folder, { recursive: true });
  // Test files run side by side: each compiles into a name of its own, and the last rename wins with the same bytes.
  const draft = `${module}.${process.pid}`;
  await promisify(execFile)(findTool('c++', 'CXX').replace(/c\+\+$/, 'cc'), [
    ...flags,
    '-o',
    draft,
    source,
    '-ldl',
  ]);
  await rename(draft, module);
  return module;
}
