/**
 * Writes a set of files so that they change together, as the kubelet does (kubernetes pkg/volume/util/atomic_writer.go):
 *
 *  1. the paths were checked by the domain;
 *  2. the current generation is read; if it is the same, nothing is done;
 *  3. a fresh directory `..<time>.<random>` is made beside it;
 *  4. every file is written into it, with its mode whatever the umask says, and flushed;
 *  5. `..data_tmp` becomes a link to the fresh directory and is renamed over `..data`: the moment of change;
 *  6. visible names become links into `..data`; names that are no longer wanted go;
 *  7. the old generation is removed.
 *
 * A crash before 5 leaves the old generation in force and a stray directory, which the next run removes.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DeliveredFile, FileTree } from '../ports/file-tree.ts';

const dataLink = '..data';
const newDataLink = '..data_tmp';
const directoryMode = 0o755;

export function makeAtomicTree(root: string): FileTree {
  return {
    async replace(files) {
      await mkdir(root, { recursive: true, mode: directoryMode });
      const current = await readlink(join(root, dataLink)).catch(ignoreAbsent);
      if (current !== undefined && (await isSame(join(root, current), files))) return false; // 2
      const fresh = `..${new Date().toISOString().replaceAll(':', '_')}.${randomBytes(4).toString('hex')}`;
      await writeGeneration(join(root, fresh), files); // 3, 4
      await rm(join(root, newDataLink), { force: true });
      await symlink(fresh, join(root, newDataLink));
      await rename(join(root, newDataLink), join(root, dataLink)); // 5
      await linkVisible(root, files); // 6
      await removeOthers(root, fresh); // 7
      return true;
    },
  };
}

async function writeGeneration(directory: string, files: readonly DeliveredFile[]): Promise<void> {
  await mkdir(directory, { mode: directoryMode });
  for (const { path, mode, content } of files) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true, mode: directoryMode });
    const file = await open(target, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

async function isSame(directory: string, files: readonly DeliveredFile[]): Promise<boolean> {
  const wanted = new Set(files.map(({ path }) => path));
  const present = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const presentFiles = present.filter((entry) => !entry.isDirectory());
  if (presentFiles.length !== wanted.size) return false;
  for (const { path, mode, content } of files) {
    const target = join(directory, path);
    const found = await readFile(target).catch(ignoreAbsent);
    if (found === undefined || !found.equals(content)) return false;
    if (((await stat(target)).mode & 0o777) !== mode) return false;
  }
  return true;
}

/** Only first path parts are links; `..data` carries the rest. */
async function linkVisible(root: string, files: readonly DeliveredFile[]): Promise<void> {
  const wanted = new Set(files.map(({ path }) => path.split('/')[0] ?? path));
  for (const name of wanted) {
    const link = join(root, name);
    const target = join(dataLink, name);
    if ((await readlink(link).catch(ignoreAbsent)) === target) continue;
    await rm(link, { force: true, recursive: true });
    await symlink(target, link);
  }
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (entry.isSymbolicLink() && !entry.name.startsWith('..') && !wanted.has(entry.name)) {
      await rm(join(root, entry.name));
    }
  }
}

async function removeOthers(root: string, kept: string): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name.startsWith('..') && entry.name !== kept) {
      await rm(join(root, entry.name), { recursive: true });
    }
  }
}

function ignoreAbsent(fault: NodeJS.ErrnoException): undefined {
  if (fault.code === 'ENOENT' || fault.code === 'EINVAL') return undefined;
  throw fault;
}
