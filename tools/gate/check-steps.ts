/** What `npm run check` promises, and who keeps each promise. */
import { join } from 'node:path';

export interface CheckStep {
  readonly promise: string;
  /** Script of the package or file that checks it, run by this Node.js from the root of the repository. */
  readonly script: string;
  readonly parameters: readonly string[];
}

const modules = (path: string) => join('node_modules', path);

export const checkSteps: readonly CheckStep[] = Object.freeze([
  {
    promise: 'every type holds',
    script: modules('typescript/bin/tsc'),
    parameters: ['-p', '.', '--pretty', 'false'],
  },
  {
    promise: 'every file is formatted and passes the linter',
    script: modules('@biomejs/biome/bin/biome'),
    parameters: ['check', '--error-on-warnings', '.'],
  },
  {
    promise: 'the rules of the house hold, and each is proven on an offender',
    script: 'tools/gate/test-main.ts',
    parameters: ['tools/tidy/'],
  },
  {
    promise: 'no file, export or dependency is left unused',
    script: modules('knip/bin/knip.js'),
    parameters: ['--no-progress', '--no-config-hints'],
  },
  {
    promise: 'everything generated is what the catalogues say',
    script: 'packages/contracts/src/generate/main.ts',
    parameters: ['--check'],
  },
]);
