/**
 * NSS's softoken as a PKCS#11 module that can be loaded from wherever set-up put it. Its libraries find each other by the
 * system's search path only, which has older ones of the same names; so a module without code of its own names the folder,
 * and the loader takes softoken and all that it needs from there.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findTool } from '@strongroom/testing';

const folder = join(import.meta.dirname, '..', '..', '..', '..', '.setup', 'nss-module');

/** Path of the module. */
export async function buildNssModule(): Promise<string> {
  const softoken = realpathSync(findTool('libsoftokn3.so', 'STRONGROOM_NSS_MODULE'));
  const module = join(folder, `${createHash('sha256').update(softoken).digest('hex').slice(0, 16)}.so`);
  if (existsSync(module)) return module;
  await mkdir(folder, { recursive: true });
  // Test files run side by side: each links into a name of its own, and the last rename wins with the same content.
  const draft = `${module}.${process.pid}`;
  const source = `${draft}.c`;
  await writeFile(source, 'typedef int nothing;\n');
  await promisify(execFile)(findTool('c++', 'CXX').replace(/c\+\+$/, 'cc'), [
    '-shared',
    '-o',
    draft,
    source,
    '-Wl,--no-as-needed',
    `-L${dirname(softoken)}`,
    `-l:${basename(softoken)}`,
    // The older form of the entry holds for what softoken needs in its turn as well.
    `-Wl,-rpath,${dirname(softoken)},--disable-new-dtags`,
    '-Wl,--allow-shlib-undefined',
  ]);
  await rename(draft, module);
  return module;
}
