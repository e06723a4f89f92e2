/**
 * pkcs11js, the one package that has to be compiled: against the headers of the very Node.js that loads it, whatever
 * headers a person's npm configuration names. Its proof is that this Node.js loads it.
 */
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { modules } from '../places.mjs';
import { runCommand, tryCommand } from '../run-command.mjs';
import { nodeProgram, runtimePackage } from './node-runtime.mjs';
import { npm, npmEnvironment } from './npm-packages.mjs';

const addon = join(modules, 'pkcs11js', 'build', 'Release', 'pkcs11.node');

export const isAddonBuilt = () => existsSync(addon);

const load = "const { PKCS11 } = require('pkcs11js'); new PKCS11(); console.log('loaded');";

/** @type {import('../set-up.mjs').Step} */
export const nativeAddon = {
  name: 'PKCS#11 binding',
  after: ['npm packages', 'Node.js 24', 'system packages'],
  async missing() {
    if (!isAddonBuilt()) return 'not compiled';
    const { output } = await tryCommand(nodeProgram(), ['-e', load]);
    return output.trim() === 'loaded' ? undefined : 'does not load';
  },
  async provide() {
    const headers = existsSync(join(runtimePackage, 'include')) ? { npm_config_nodedir: runtimePackage } : {};
    await runCommand('npm-rebuild', npm(), ['rebuild', 'pkcs11js', '--ignore-scripts=false'], {
      env: {
        ...npmEnvironment,
        ...headers,
        // npm and node-gyp are scripts that look `node` up: they get the one that they compile for.
        PATH: [dirname(nodeProgram()), process.env['PATH'] ?? ''].join(delimiter),
      },
    });
  },
  found: () => 'compiled, loads',
};
