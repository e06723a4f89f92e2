/** Where set-up keeps things. All of it is inside the repository; nothing else is written, except installed packages. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const modules = join(root, 'node_modules');
export const setUpHome = join(root, '.setup');
/** One entry per tool that the platform starts, whatever its origin: what runs is what was checked. */
export const toolFolder = join(setUpHome, 'bin');
export const logFolder = join(setUpHome, 'logs');
