import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startPostgres } from '../../src/postgres.ts';
import { startRedis } from '../../src/redis.ts';
import { runProgram, startServerProcess } from '../../src/server-process.ts';

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('PostgreSQL starts empty, survives a crash with what it committed, and stops', async () => {
  const postgres = await startPostgres();
  try {
    await postgres.run('create table seen (id int8 primary key); insert into seen values (7)');
    await postgres.kill();
    await assert.rejects(postgres.run('select 1'), { code: 'ECONNREFUSED' });
    await postgres.start();
    assert.deepEqual((await postgres.run('select id from seen')).rows, [{ id: '7' }]);
  } finally {
    await postgres.stop();
  }
  assert.ok(!isAlive(postgres.pid));
});

test('Redis takes its users only, and comes back empty', async () => {
  const limited = { name: 'gateway', password: 'p-gateway', rules: '~rate:* +set +get' };
  const redis = await startRedis({ users: [limited] });
  const ask = (lines: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(redis.port, '127.0.0.1');
      const answer: Buffer[] = [];
      socket.on('data', (chunk) => answer.push(chunk));
      socket.on('end', () => resolve(Buffer.concat(answer).toString()));
      socket.on('error', reject);
      socket.write(`${lines}QUIT\r\n`);
    });
  try {
    assert.match(await ask('GET rate:a\r\n'), /NOAUTH/);
    const signIn = `AUTH ${limited.name} ${limited.password}\r\n`;
    assert.equal(await ask(`${signIn}SET rate:a 1\r\nGET rate:a\r\n`), '+OK\r\n+OK\r\n$1\r\n1\r\n+OK\r\n');
    assert.match(await ask(`${signIn}FLUSHALL\r\n`), /NOPERM/);
    await redis.kill();
    await redis.start();
    assert.equal(await ask(`${signIn}GET rate:a\r\n`), '+OK\r\n$-1\r\n+OK\r\n');
  } finally {
    await redis.stop();
  }
  assert.ok(!isAlive(redis.pid));
});

test('a start that fails tells what the program printed', async () => {
  const start = (script: string) =>
    startServerProcess({
      name: 'toy',
      command: process.execPath,
      args: ['-e', script],
      isReadyLine: (line) => line === 'ready',
      startMsMax: 2_000,
    });
  await assert.rejects(start('console.error("the reason"); process.exit(3)'), /toy ended with 3\nthe reason/);
  await assert.rejects(
    startServerProcess({ name: 'toy', command: '/does/not/exist', args: [], isReadyLine: () => true }),
    /toy cannot be run/,
  );
  await assert.rejects(runProgram(process.execPath, ['-e', 'console.log("why"); process.exit(1)']), /why/);
});
