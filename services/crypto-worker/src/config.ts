import {
  boolean,
  busSettings,
  type Configuration,
  databaseSettings,
  defineConfig,
  fileContent,
  integer,
  text,
  url,
} from '@strongroom/config';

const name = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/;

const settings = {
  name: text({
    summary: 'name of this process, its own for ever: entries of the log bear it',
    pattern: name,
  }),
  witness: boolean({
    summary: 'certifies receipt keys, signs checkpoints, writes the anchor; true for exactly one worker',
    fallback: false,
  }),
  pkcs11Module: text({ summary: 'path of the PKCS#11 module' }),
  tokenLabel: text({ summary: 'label of the token' }),
  tokenSerial: text({ summary: 'serial number of the token' }),
  // The path, not the content: a PIN that was refused is read again when its file changes.
  pinFile: text({ summary: 'path of the file with the user PIN' }),
  governanceFile: fileContent({ summary: 'signed governance root, JSON' }),
  pool: text({ summary: 'HSM pool', pattern: name, fallback: 'default' }),
  tenant: text({ summary: 'tenant', pattern: name, fallback: 'default' }),
  ...busSettings,
  ...databaseSettings,
  cryptoInFlightMax: integer({
    summary: 'data operations under way; more are refused at once',
    min: 1,
    max: 10_000,
    fallback: 256,
  }),
  manageInFlightMax: integer({
    summary: 'management operations under way; more are refused at once',
    min: 1,
    max: 10_000,
    fallback: 64,
  }),
  gcmInvocationsMax: integer({
    summary:
      'AES-GCM invocations of one key version or group KEK; data keys and group KEKs are rotated at half of it, 2^32 is what NIST allows',
    min: 2 ** 20,
    max: 2 ** 32,
    fallback: 2 ** 31,
  }),
  hangMsMax: integer({
    summary: 'milliseconds that the event loop may stand still before the watchdog ends the process',
    min: 100,
    max: 60_000,
    fallback: 800,
  }),
  residentMibMax: integer({
    summary:
      'MiB of resident memory above which the process drains and ends with status 75, to be started again',
    min: 64,
    max: 65_536,
    fallback: 512,
  }),
  statusFile: text({ summary: 'where the state of the process is written', optional: true }),
  logLevel: text({ summary: 'log level', pattern: /^(trace|debug|info|warn|error)$/, fallback: 'info' }),
  otlpUrl: url({ summary: 'OTLP/HTTP collector', schemes: ['http', 'https'], optional: true }),
};

export const configuration = defineConfig('STRONGROOM_CRYPTO_WORKER', settings);
export type CryptoWorkerConfig = Configuration<typeof settings>;
