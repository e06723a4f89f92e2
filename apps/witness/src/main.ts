import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runMain } from '@strongroom/lifecycle';
import { compose } from './compose.ts';
import { configuration } from './config.ts';
import { initialise } from './initialise.ts';

if (process.argv[2] === 'init') {
  const [, , , name, keyFile, stateFile] = process.argv;
  process.exitCode = await initialise({ name, keyFile, stateFile, print: (line) => console.log(line) });
} else {
  await runMain({
    edge: process,
    configure: () => configuration.parse(process.env, (path) => readFileSync(path, 'utf8')),
    compose,
  });
}
