/** Redis over TLS: verified both ways, and no certificate that is set and not used. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TlsFiles } from '@strongroom/config';
import { makeCertificate, makeTemporaryDirectory, startRedis } from '@strongroom/testing';
import { makeRedis } from '../../src/outbound/redis/redis-connection.ts';

test('the server is verified, and so is a client where the server asks for it', async (context) => {
  const directory = await makeTemporaryDirectory('redis-tls');
  context.after(() => directory.remove());
  const [server, client, stranger] = await Promise.all(
    ['server', 'client', 'stranger'].map((name) => makeCertificate(directory.path, name)),
  );
  assert.ok(server && client && stranger);
  const redis = await startRedis({ tls: { ...server, clientCaFile: client.certFile } });
  context.after(() => redis.stop());
  const ping = async (files: TlsFiles, url = redis.url) => {
    const connection = makeRedis(url, files);
    const refused = new Promise<never>((_, reject) => connection.on('error', reject));
    try {
      return await Promise.race([connection.connect().then(() => connection.ping()), refused]);
    } finally {
      connection.disconnect();
    }
  };
  const trusted = { caFile: server.certFile };

  assert.equal(await ping({ ...trusted, ...client }), 'PONG');
  await assert.rejects(ping({ caFile: stranger.certFile, ...client }));
  await assert.rejects(ping(client));
  await assert.rejects(ping({ ...trusted, ...stranger }));
  await assert.rejects(ping(trusted));
  const plain = redis.url.replace('rediss:', 'redis:');
  await assert.rejects(ping({}, plain));
  await assert.rejects(ping(trusted, plain), { code: 'configuration-invalid' });
});
