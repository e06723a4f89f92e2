/** The bus over TLS 1.3, with and without certificates of clients. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeTemporaryDirectory, runProgram, startNats, type TemporaryDirectory } from '@strongroom/testing';
import { type BusTls, connectBus } from '../../src/index.ts';

let directory: TemporaryDirectory;
const file = (name: string) => join(directory.path, name);

/** A certificate that is its own authority. */
async function makeCertificate(name: string): Promise<{ certFile: string; keyFile: string }> {
  const made = { certFile: file(`${name}.pem`), keyFile: file(`${name}.key`) };
  await runProgram('openssl', [
    ...['req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '1', '-subj', `/CN=${name}`],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', made.keyFile, '-out', made.certFile],
  ]);
  return made;
}

before(async () => {
  directory = await makeTemporaryDirectory('bus-tls');
});
after(() => directory.remove());

test('the server is verified, and so is a client where the server asks for it', async () => {
  const [server, client, stranger] = await Promise.all(['server', 'client', 'stranger'].map(makeCertificate));
  assert.ok(server && client && stranger);
  const nats = await startNats({ tls: { ...server, clientCaFile: client.certFile } });
  const join = async (tls: BusTls | undefined) => {
    const bus = await connectBus({
      url: nats.url,
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
  } finally {
    await nats.stop();
  }
});
