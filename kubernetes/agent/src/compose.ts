import { readFile } from 'node:fs/promises';
import { connectStrongroom, patientClient } from '@strongroom/client';
import { StrongroomError } from '@strongroom/errors';
import { createLogger, type Logger, type LogLevel } from '@strongroom/telemetry';
import { type Delivery, makeDeliverSecrets } from './app/deliver-secrets.ts';
import type { AgentConfig } from './config.ts';
import { checkDelivery, type DeliveryItem } from './domain/delivery.ts';
import { makeAtomicTree } from './outbound/atomic-tree.ts';
import { makeSealedSecrets } from './outbound/sealed-secrets.ts';

const tokenBytesMax = 8_192;

export interface Agent {
  readonly logger: Logger;
  /** Delivers once. */
  run(): Promise<Delivery>;
}

export function compose(config: AgentConfig): Agent {
  const items = readItems(config.secretsFile);
  return {
    logger: createLogger({ service: 'agent', level: config.logLevel as LogLevel }),
    async run() {
      const client = await connectStrongroom({
        gatewayUrl: config.gatewayUrl,
        ca: config.caFile,
        identityFingerprint: config.identityFingerprint,
        pool: config.pool,
        tenant: config.tenant,
        credential: {
          kind: 'workload-jwt',
          cluster: config.cluster,
          token: () => readToken(config.tokenFile),
        },
      });
      try {
        const deliver = makeDeliverSecrets({
          source: makeSealedSecrets(patientClient(client)),
          tree: makeAtomicTree(config.outputDirectory),
        });
        return await deliver(items);
      } finally {
        await client.close();
      }
    },
  };
}

/** Throws `configuration-invalid` with every problem of the list. */
function readItems(content: string): readonly DeliveryItem[] {
  let items: unknown;
  try {
    items = JSON.parse(content);
  } catch (cause) {
    throw new StrongroomError('configuration-invalid', { detail: 'the secrets file is not JSON', cause });
  }
  const problems = checkDelivery(items);
  if (problems.length > 0)
    throw new StrongroomError('configuration-invalid', { detail: problems.join('\n') });
  return items as readonly DeliveryItem[];
}

async function readToken(path: string): Promise<string> {
  const token = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StrongroomError('proof-missing', { detail: 'the token file cannot be read', cause });
  });
  if (token.length > tokenBytesMax)
    throw new StrongroomError('proof-invalid', { detail: 'the token is too long' });
  return token.trim();
}
