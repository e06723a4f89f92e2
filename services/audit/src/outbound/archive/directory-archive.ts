/** An archive in a folder: a file is written beside its place, brought to the disk, and renamed into it. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Archive } from '../../ports/archive.ts';

export function makeDirectoryArchive(root: string): Archive {
  return {
    async put(path, bytes) {
      const place = join(root, path);
      await mkdir(dirname(place), { recursive: true, mode: 0o750 });
      const file = await open(`${place}.new`, 'w', 0o640);
      try {
        await file.writeFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(`${place}.new`, place);
      const folder = await open(dirname(place), 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    },
    async get(path) {
      try {
        return await readFile(join(root, path));
      } catch (fault) {
        if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw fault;
      }
    },
  };
}
