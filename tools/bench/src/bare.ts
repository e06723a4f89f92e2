/** The bare chain: the same transports with no guarantee, to tell what the guarantees cost. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackInfo } from '@strongroom/stack';
import { type createSoftHsmToken, startNats } from '@strongroom/testing';
import { Pool } from 'undici';
import { type BenchChild, startChild } from './child.ts';
import type { RawLoop } from './raw/hsm-loop.ts';

export interface BareChain {
  operation(name: RawLoop): () => Promise<void>;
  close(): Promise<void>;
}

const connectionsMax = 64;

export async function openBareChain(
  info: StackInfo,
  token: Awaited<ReturnType<typeof createSoftHsmToken>>,
): Promise<BareChain> {
  const nats = await startNats();
  const seedOf = (service: 'gateway' | 'crypto-worker') => nats.seedOf(service).use((seed) => seed);
  const children: BenchChild[] = [];
  children.push(
    await startChild(
      'bare/worker-main.ts',
      { token, natsUrl: nats.url, seed: seedOf('crypto-worker') },
      token.env,
    ),
  );
  const gateway = await startChild('bare/gateway-main.ts', {
    natsUrl: nats.url,
    seed: seedOf('gateway'),
    certFile: join(info.home, 'tls', 'gateway.pem'),
    keyFile: join(info.home, 'tls', 'gateway.key'),
  });
  children.push(gateway);
  const pool = new Pool(`https://127.0.0.1:${gateway.ready}`, {
    connections: connectionsMax,
    connect: { ca: await readFile(info.caFile, 'utf8') },
  });
  return {
    operation: (name) => async () => {
      const { statusCode, body } = await pool.request({ path: '/', method: 'POST', body: name });
      await body.arrayBuffer();
      if (statusCode !== 200) throw new Error(`the bare chain answered ${statusCode}`);
    },
    async close() {
      await pool.close();
      for (const child of children.toReversed()) await child.stop();
      await nats.stop();
    },
  };
}
