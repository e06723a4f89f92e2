/** `npm start -- --once` on servers that somebody else runs, each reached over TLS and with no more rights than it says it needs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  findSoftHsmModule,
  findTool,
  makeCertificate,
  makeTemporaryDirectory,
  startOnFreePort,
  startPostgres,
  startRedis,
  startServerProcess,
  type TestTls,
} from '@strongroom/testing';
import type { StackInfo } from '../../src/index.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

async function run(environment: Readonly<Record<string, string>>, ...flags: string[]) {
  const child = spawn(process.execPath, [main, ...flags], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, told };
}

/** As a person does who has a server: own address, storage and TLS, and the rest from what `--needs` printed. */
async function startBus(folder: string, needs: string, { certFile, keyFile }: TestTls) {
  const printed = /^server_name:[\s\S]*?^}\n/m.exec(needs)?.[0] ?? assert.fail(needs);
  return startOnFreePort(async (port) => {
    const file = join(folder, 'nats.conf');
    const own = printed
      .replace(/^port: .*$/m, `port: ${port}`)
      .replace(/store_dir: .*$/m, `store_dir: "${join(folder, 'jetstream')}"`);
    const tls = `tls { cert_file: "${certFile}", key_file: "${keyFile}", min_version: "1.3", handshake_first: true }`;
    await writeFile(file, `${own}${tls}\n`);
    const server = await startServerProcess({
      name: 'nats-server',
      command: findTool('nats-server', 'STRONGROOM_NATS_SERVER'),
      args: ['--config', file],
      isReadyLine: (line) => line.includes('Server is ready'),
    });
    return { port, server };
  });
}

test('the stack and its main job run on servers that were there before', async (context) => {
  const folder = await makeTemporaryDirectory('existing');
  context.after(() => folder.remove());
  const home = { STRONGROOM_HOME: join(folder.path, 'home') };
  const certificate = await makeCertificate(folder.path, 'server');
  const needs = await run(home, '--needs');
  assert.equal(needs.status, 0, needs.told);

  const [bus, redis, postgres] = await Promise.all([
    startBus(folder.path, needs.told, certificate),
    startRedis({ tls: certificate }),
    startPostgres({ tls: certificate, settings: { fsync: 'on' } }),
  ]);
  context.after(() => Promise.all([bus.server.stop(), redis.stop(), postgres.stop()]));
  // What managed servers hand out: no superuser.
  await postgres.run("create role admin login createrole password 'p'");
  await postgres.run('create database ours owner admin');
  const module = join(folder.path, 'module.so');
  await copyFile(findSoftHsmModule(), module);

  const authority = certificate.certFile;
  const { status, told } = await run(
    {
      ...home,
      STRONGROOM_POSTGRES_URL: `${postgres.urlOf('admin', 'p', 'ours')}?sslmode=verify-full`,
      STRONGROOM_POSTGRES_CA_FILE: authority,
      STRONGROOM_NATS_URL: `tls://127.0.0.1:${bus.port}`,
      STRONGROOM_NATS_CA_FILE: authority,
      STRONGROOM_REDIS_URL: redis.url,
      STRONGROOM_REDIS_CA_FILE: authority,
      STRONGROOM_PKCS11_MODULE: module,
    },
    '--once',
  );
  assert.equal(status, 0, told);
  const info = JSON.parse(await readFile(join(folder.path, 'home/stack.json'), 'utf8')) as StackInfo;
  assert.equal(info.natsUrl, `tls://127.0.0.1:${bus.port}`);
  assert.equal(info.hsm.module, module);
  const { rows } = await postgres.run('SELECT count(*)::int AS entries FROM audit.entry', 'ours');
  assert.ok(rows[0].entries > 100, `${rows[0].entries} entries are in the database that was named`);
  // No server of the stack's own was started beside them.
  for (const name of ['postgres', 'nats', 'redis'])
    await assert.rejects(readFile(join(info.logDir, `${name}.log`)), { code: 'ENOENT' }, name);
});
