import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setUpHome } from './places.mjs';
import { findProgram, runCommand } from './run-command.mjs';

/**
 * Builds a program from Go's module registry, checked against its checksum database. Modules, caches and a newer
 * toolchain, where the module asks for one, stay inside `.setup/` and are removed afterwards.
 * @param {string} module with its version
 * @param {string} name of the program
 * @returns {Promise<string | undefined>} the program; `undefined` where there is no Go
 */
export async function buildWithGo(module, name) {
  const go = findProgram('go');
  if (go === undefined) return undefined;
  const scratch = join(setUpHome, 'go');
  const programs = join(setUpHome, 'go-bin');
  try {
    await runCommand('go-install', go, ['install', module], {
      env: {
        GOBIN: programs,
        GOPATH: scratch,
        GOCACHE: join(scratch, 'build'),
        GOFLAGS: '-modcacherw -trimpath',
        GOTOOLCHAIN: 'auto',
        // Go counts its own use below the configuration folder; the settings of the person still hold.
        GOENV: process.env['GOENV'] ?? join(configuration(), 'go', 'env'),
        XDG_CONFIG_HOME: join(scratch, 'configuration'),
        GOWORK: 'off',
        CGO_ENABLED: '0',
      },
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return join(programs, name);
}

const configuration = () => process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
