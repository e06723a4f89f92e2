import {
  busSettings,
  type Configuration,
  defineConfig,
  fileContent,
  integer,
  redisSettings,
  secretFile,
  text,
  url,
} from '@strongroom/config';

const name = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/;

const settings = {
  listenHost: text({ summary: 'address for callers', fallback: '127.0.0.1' }),
  listenPort: integer({ summary: 'port for callers; 0: any', min: 0, max: 65_535, fallback: 8443 }),
  tlsCertFile: fileContent({ summary: 'certificate chain, PEM' }),
  tlsKeyFile: secretFile({ summary: 'private key, PEM' }),
  ...busSettings,
  ...redisSettings,
  identityFingerprint: text({
    summary: 'pinned identity of the deployment, for the requests that the gateway seals',
    pattern: /^SHA256:[A-Za-z0-9_-]{43}$/,
  }),
  pool: text({ summary: 'HSM pool', pattern: name, fallback: 'default' }),
  tenant: text({ summary: 'tenant', pattern: name, fallback: 'default' }),
  inFlightMax: integer({
    summary: 'data operations under way; about 64 a core',
    min: 1,
    max: 10_000,
    fallback: 128,
  }),
  manageInFlightMax: integer({
    summary: 'management operations under way',
    min: 1,
    max: 10_000,
    fallback: 32,
  }),
  ratePerSecond: integer({
    summary: 'requests a second and caller address',
    min: 1,
    max: 1_000_000,
    fallback: 20_000,
  }),
  managementHost: text({ summary: 'address of probes and metrics', fallback: '127.0.0.1' }),
  managementPort: integer({
    summary: 'port of probes and metrics; 0: any',
    min: 0,
    max: 65_535,
    fallback: 0,
  }),
  statusFile: text({ summary: 'where the state of the process is written', optional: true }),
  logLevel: text({ summary: 'log level', pattern: /^(trace|debug|info|warn|error)$/, fallback: 'info' }),
  otlpUrl: url({ summary: 'OTLP/HTTP collector', schemes: ['http', 'https'], optional: true }),
};

export const configuration = defineConfig('STRONGROOM_GATEWAY', settings);
export type GatewayConfig = Configuration<typeof settings>;
