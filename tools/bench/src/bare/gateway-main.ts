/** The bare chain's gateway: HTTPS in, bus, HTTPS out, with the platform's own server settings and nothing else. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { connectBus } from '@strongroom/bus';
import { subjects } from '@strongroom/contracts';

const { natsUrl, seed, certFile, keyFile } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const bus = await connectBus({
  url: natsUrl ?? '',
  service: 'gateway',
  seed: seed ?? '',
  name: 'bare-gateway',
});
const server = createServer(
  {
    cert: readFileSync(certFile ?? ''),
    key: readFileSync(keyFile ?? ''),
    minVersion: 'TLSv1.3',
    keepAliveTimeout: 60_000,
  },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bus.request(subjects.operation('crypto', 'bare'), Buffer.concat(chunks), { deadlineMs: 5_000 }).then(
        (answer) => response.end(answer),
        () => response.writeHead(500).end(),
      );
    });
  },
);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => {
  server.close();
  server.closeAllConnections();
  void bus.close();
});
