import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runMain } from '@strongroom/lifecycle';
import { compose } from './compose.ts';
import { configuration } from './config.ts';

await runMain({
  edge: process,
  configure: () => configuration.parse(process.env, (path) => readFileSync(path, 'utf8')),
  compose,
});
