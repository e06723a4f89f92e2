/** The bare chain's worker: bus in, HSM, bus out. No proof, no authorisation, no log, no seal. */
import process from 'node:process';
import { connectBus } from '@strongroom/bus';
import { subjects } from '@strongroom/contracts';
import { openHsm, type RawLoop, type TokenPlace } from '../raw/hsm-loop.ts';

const { token, natsUrl, seed } = JSON.parse(process.argv[2] ?? '{}') as {
  token: TokenPlace;
  natsUrl: string;
  seed: string;
};
const hsm = openHsm(token);
const operations = new Map<string, () => Buffer>(
  (['aes-gcm decrypt, token key', 'aes-gcm encrypt, session key'] satisfies RawLoop[]).map((name) => [
    name,
    hsm.operation(name),
  ]),
);
const bus = await connectBus({ url: natsUrl, service: 'crypto-worker', seed, name: 'bare-worker' });
await bus.respond(subjects.operation('crypto', 'bare'), {
  inFlightMax: 4_096,
  handler: async (bytes) => {
    const operation = operations.get(Buffer.from(bytes).toString());
    if (operation === undefined) throw new TypeError('no such loop');
    return operation();
  },
});
process.on('disconnect', () => {
  void bus.close().then(() => hsm.close());
});
process.send?.('ready');
