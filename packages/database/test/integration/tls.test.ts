/** PostgreSQL over TLS: verified, with certificates of clients, and with no way to be half safe. */
import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate, makeTemporaryDirectory, startPostgres } from '@strongroom/testing';
import { type DatabaseTls, openPool } from '../../src/index.ts';

test('the server is verified, and so is a client where the server asks for it', async (context) => {
  const directory = await makeTemporaryDirectory('database-tls');
  context.after(() => directory.remove());
  const [server, client, stranger] = await Promise.all(
    ['server', 'client', 'stranger'].map((name) => makeCertificate(directory.path, name)),
  );
  assert.ok(server && client && stranger);
  const postgres = await startPostgres({ tls: { ...server, clientCaFile: client.certFile } });
  context.after(() => postgres.stop());
  await postgres.run("create role plain login password 'p'");
  const url = postgres.urlOf('plain', 'p');
  const encrypted = async (target: string, tls: DatabaseTls) => {
    const pool = openPool({
      ...{ url: target, tls, schema: 'public', applicationName: 'test', poolMax: 1 },
      ...{ statementTimeoutMs: 5_000, onIdleFault: () => undefined },
    });
    try {
      const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return rows[0].ssl as boolean;
    } finally {
      await pool.end();
    }
  };
  const verified = `${url}?sslmode=verify-full`;
  const trusted = { caFile: server.certFile };

  assert.equal(await encrypted(verified, { ...trusted, ...client }), true);
  await assert.rejects(encrypted(verified, { caFile: stranger.certFile, ...client }), /self-signed/);
  await assert.rejects(encrypted(verified, client), /self-signed/);
  await assert.rejects(encrypted(verified, { ...trusted, ...stranger }), /unknown ca|certificate/);
  await assert.rejects(encrypted(verified, trusted), /certificate/);
  await assert.rejects(encrypted(url, {}), /no pg_hba.conf entry.*no encryption/);
  // A name that the certificate does not have.
  await assert.rejects(
    encrypted(verified.replace('127.0.0.1', 'localhost'), { ...trusted, ...client }),
    /altnames/,
  );

  for (const mode of ['require', 'prefer', 'no-verify', 'verify-ca'])
    await assert.rejects(encrypted(`${url}?sslmode=${mode}`, trusted), { code: 'configuration-invalid' });
  await assert.rejects(encrypted(url, trusted), { code: 'configuration-invalid' });
  await assert.rejects(encrypted(`${verified}&sslrootcert=/x`, trusted), { code: 'configuration-invalid' });

  await context.test('files are read again at every connection', async () => {
    const caFile = join(directory.path, 'ca.pem');
    await copyFile(stranger.certFile, caFile);
    const pool = openPool({
      ...{ url: verified, tls: { caFile, ...client }, schema: 'public', applicationName: 'test', poolMax: 1 },
      ...{ statementTimeoutMs: 5_000, onIdleFault: () => undefined },
    });
    await assert.rejects(pool.query('SELECT 1'), /self-signed/);
    await copyFile(server.certFile, caFile);
    await pool.query('SELECT 1');
    await pool.end();
  });
});
