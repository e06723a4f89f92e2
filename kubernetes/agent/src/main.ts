import { readFileSync } from 'node:fs';
import process from 'node:process';
import { toStrongroomError } from '@strongroom/errors';
import { compose } from './compose.ts';
import { configuration } from './config.ts';

try {
  const agent = compose(configuration.parse(process.env, (path) => readFileSync(path, 'utf8')));
  const { files, isChanged } = await agent.run();
  agent.logger.info('secrets-delivered', { count: files, state: isChanged ? 'changed' : 'unchanged' });
} catch (fault) {
  const { code, message, detail, descriptor } = toStrongroomError(fault);
  process.stderr.write(`${code}: ${message}${detail === undefined ? '' : `\n${detail}`}\n`);
  process.exitCode = descriptor.exit;
}
