import { StrongroomError } from '@strongroom/errors';
import { type Composed, Service } from '@strongroom/lifecycle';
import { parseVerifierKey } from '@strongroom/merkle';
import { readKeyFile } from '@strongroom/sealed';
import { createTelemetry, type LogLevel, reportTo } from '@strongroom/telemetry';
import { type LogKey, makeAddCheckpoint } from './app/add-checkpoint.ts';
import type { WitnessConfig } from './config.ts';
import { WitnessServer } from './inbound/witness-server.ts';
import { openStateFile } from './outbound/state-file.ts';

export async function compose(config: WitnessConfig): Promise<Composed> {
  const { logger, shutdown } = createTelemetry({
    service: 'witness',
    instance: config.name,
    version: '0.1.0',
    level: config.logLevel as LogLevel,
    otlpUrl: undefined,
  });
  const key = await readKeyFile(config.keyFile);
  const { name, host, port } = config;
  const server = new WitnessServer({
    ...{ host, port },
    addCheckpoint: makeAddCheckpoint({
      logs: logsOf(config.logsFile),
      name,
      publicKey: Buffer.from(key.publicKey, 'base64url'),
      sign: (bytes) => key.sign(bytes),
      state: await openStateFile(config.stateFile),
      now: () => Math.floor(Date.now() / 1_000),
    }),
    onAnswer(answer) {
      if (!('reason' in answer)) return;
      // A fork names both roots.
      logger.error('checkpoint-refused', { reason: answer.reason });
    },
    onFault: (fault) => logger.error('checkpoint-failed', {}, fault),
  });
  const service = new Service({
    name: 'witness',
    statusFile: config.statusFile,
    report: reportTo(logger),
    components: [server],
  });
  return { service, flush: shutdown };
}

function logsOf(content: string): readonly LogKey[] {
  const lines = content.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const key = parseVerifierKey(line.trim());
    if (key === undefined)
      throw new StrongroomError('configuration-invalid', { detail: 'logs: a line is no verifier key' });
    return key;
  });
}
