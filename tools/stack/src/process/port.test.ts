import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StackProblem } from '../stack-problem.ts';
import { isListening, portOf, startOnPort } from './port.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-port-'));
const log = join(folder, 'log');
after(() => rmSync(folder, { recursive: true }));

async function takePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('the port of last time is taken again, unless somebody has it', async () => {
  const { server, port } = await takePort();
  assert.notEqual(await startOnPort(log, port, async () => {}), port);
  assert.ok(await isListening(port));
  server.close();
  await once(server, 'close');
  assert.equal(await startOnPort(log, port, async () => {}), port);
  assert.ok(!(await isListening(port)));
});

test('a server that lost the race for its port gets another', async () => {
  const tried: number[] = [];
  const port = await startOnPort(log, undefined, async (chosen) => {
    tried.push(chosen);
    if (tried.length > 1) return;
    writeFileSync(log, 'bind: Address already in use');
    throw new StackProblem('ended while it started');
  });
  assert.equal(tried.length, 2);
  assert.equal(port, tried[1]);
});

test('a server that fails for another reason is not tried again', async () => {
  writeFileSync(log, 'no such configuration');
  let tries = 0;
  const failing = startOnPort(log, undefined, async () => {
    tries += 1;
    throw new StackProblem('ended while it started');
  });
  await assert.rejects(failing, /ended while/);
  assert.equal(tries, 1);
});

test('the port of a URL, where there is one', () => {
  assert.equal(portOf('nats://127.0.0.1:4222'), 4222);
  assert.equal(portOf('https://127.0.0.1'), undefined);
  assert.equal(portOf(undefined), undefined);
});
