/** The bus over TLS 1.3, with and without certificates of clients. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  makeCertificate,
  makeTemporaryDirectory,
  startNats,
  type TemporaryDirectory,
} from '@strongroom/testing';
import { type BusTls, connectBus } from '../../src/index.ts';

let directory: TemporaryDirectory;

before(async () => {
  directory = await makeTemporaryDirectory('bus-tls');
});
after(() => directory.remove());

test('the server is verified, and so is a client where the server asks for it', async () => {
  const [server, client, stranger] = await Promise.all(
    ['server', 'client', 'stranger'].map((name) => makeCertificate(directory.path, name)),
  );
  assert.ok(server && client && stranger);
  const nats = await startNats({ tls: { ...server, clientCaFile: client.certFile } });
  const join = async (tls: BusTls | undefined, url = nats.url) => {
    const bus = await connectBus({
      url,
      service: 'gateway',
      seed: nats.seedOf('gateway'),
      ...(tls === undefined ? {} : { tls }),
    });
    await bus.close();
  };
  try {
    await join({ caFile: server.certFile, ...client });
    await assert.rejects(join({ caFile: stranger.certFile, ...client }), { code: 'bus-unavailable' });
    await assert.rejects(join({ caFile: server.certFile, ...stranger }), { code: 'bus-unavailable' });
    await assert.rejects(join({ caFile: server.certFile }), { code: 'bus-unavailable' });
    await assert.rejects(join(undefined), { code: 'bus-unavailable' });
    const plain = nats.url.replace('tls:', 'nats:');
    await assert.rejects(join({ caFile: server.certFile }, plain), { code: 'configuration-invalid' });
    await assert.rejects(join(undefined, plain), { code: 'bus-unavailable' });
  } finally {
    await nats.stop();
  }
});
