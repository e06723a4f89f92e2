import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runCeremony } from './compose-ceremony.ts';

process.exitCode = await runCeremony({
  environment: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
