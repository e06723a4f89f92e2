/** A process as `main` makes it, that does on request what its test wants to see survived. */
import { createServer } from 'node:http';
import process from 'node:process';
import { type Component, runMain, Service } from '../src/index.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const [behaviour = 'serve', statusFile] = process.argv.slice(2);
const hold = () => new Promise<void>((resolve) => setTimeout(resolve, 60_000));

/** Answers after 300 ms, so that a signal can come in between. */
const server = createServer((_request, response) => {
  say('request taken');
  response.setHeader('connection', 'close');
  setTimeout(() => response.end('answered'), 300);
});

const http: Component = {
  name: 'http',
  async start() {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    say(`port ${typeof address === 'object' ? address?.port : ''}`);
  },
  stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
};

const part = (name: string): Component => ({
  name,
  async start() {
    say(`start ${name}`);
    if (behaviour === 'fail-start' && name === 'second') throw new Error('canary-start');
    if (behaviour === 'slow-start' && name === 'second')
      await new Promise((resolve) => setTimeout(resolve, 300));
    say(`started ${name}`);
  },
  async stop() {
    say(`stop ${name}`);
    if (behaviour === 'stuck') await hold();
  },
});

await runMain({
  edge: process,
  configure: () => {
    if (behaviour === 'bad-settings') throw new SyntaxError('canary-settings');
    return {};
  },
  compose: () => ({
    service: new Service({
      name: 'sample',
      components: [part('first'), part('second'), http],
      statusFile,
      drainMs: 1_000,
      report: (event, { state }) => say([event, state].filter(Boolean).join(' ')),
    }),
    flush: async () => void say('flushed'),
  }),
});
if (behaviour === 'throw')
  setTimeout(() => {
    throw new Error('canary-uncaught');
  }, 10);
if (behaviour === 'reject') void Promise.reject(new Error('canary-unhandled'));
