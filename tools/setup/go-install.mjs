import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setUpHome } from './places.mjs';
import { findProgram, runCommand } from './run-command.mjs';

const programs = join(setUpHome, 'go-bin');

/**
 * Builds a program from Go's module registry, checked against its checksum database. Modules, caches and a newer
 * toolchain, where the module asks for one, stay inside `.setup/` and are removed afterwards.
 * @param {string} module with its version
 * @param {string} name of the program
 * @returns {Promise<string | undefined>} the program; `undefined` where there is no Go
 */
export async function buildWithGo(module, name) {
  const isBuilt = await runGo(`go-install-${name}`, ['install', module], { GOBIN: programs });
  return isBuilt ? join(programs, name) : undefined;
}

/**
 * The same for a module of the repository, whose dependencies its `go.sum` pins.
 * @param {string} folder
 * @param {string} name of the program
 * @param {string} linkerFlags
 */
export async function buildFolderWithGo(folder, name, linkerFlags) {
  const program = join(programs, name);
  const isBuilt = await runGo(
    `go-build-${name}`,
    ['build', '-buildvcs=false', '-ldflags', linkerFlags, '-o', program, '.'],
    {},
    folder,
  );
  return isBuilt ? program : undefined;
}

/**
 * @param {string} log
 * @param {readonly string[]} parameters
 * @param {Record<string, string>} environment
 * @param {string} [cwd]
 * @returns {Promise<boolean>} `false` where there is no Go
 */
async function runGo(log, parameters, environment, cwd) {
  const go = findProgram('go');
  if (go === undefined) return false;
  const scratch = join(setUpHome, log);
  try {
    await runCommand(log, go, parameters, {
      ...(cwd === undefined ? {} : { cwd }),
      env: {
        ...environment,
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
  return true;
}

const configuration = () => process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
