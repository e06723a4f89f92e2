/** Compiles a small C file of a test with the compiler that set-up brings for the binding; once for each content of it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runProgram } from './server-process.ts';
import { findTool } from './tool.ts';

const folder = join(import.meta.dirname, '..', '..', '..', '.setup', 'shared-objects');
const flags = ['-shared', '-fPIC', '-O1', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'];

/** Path of what can be loaded. */
export async function buildSharedObject(source: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(source))
    .digest('hex');
  const built = join(folder, `${basename(source, '.c')}-${digest.slice(0, 16)}.so`);
  if (existsSync(built)) return built;
  await mkdir(folder, { recursive: true });
  // Test files run side by side: each compiles into a name of its own, and the last rename wins with the same bytes.
  const draft = `${built}.${process.pid}`;
  const compiler = findTool('c++', 'CXX').replace(/c\+\+$/, 'cc');
  await runProgram(compiler, [...flags, '-o', draft, source, '-ldl'], { PATH: process.env['PATH'] ?? '' });
  await rename(draft, built);
  return built;
}
