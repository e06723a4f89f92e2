/** `npm run reset`: removes the state of the local stack. */
import { join } from 'node:path';
import process from 'node:process';
import { resetStack } from './reset.ts';
import { StackProblem } from './stack-problem.ts';

const home = process.env['STRONGROOM_HOME'] ?? join(import.meta.dirname, '..', '..', '..', '.strongroom');
try {
  console.log((await resetStack(home)) ? `Removed ${home}.` : `There is nothing at ${home}.`);
} catch (problem) {
  if (!(problem instanceof StackProblem)) throw problem;
  console.error(problem.message);
  process.exitCode = 1;
}
