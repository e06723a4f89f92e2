import { type Configuration, defineConfig, fileContent, integer, text, url } from '@strongroom/config';

const name = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/;

const settings = {
  socket: text({ summary: 'path of the unix socket that kube-apiserver dials', pattern: /^\/.{1,106}$/ }),
  gatewayUrl: url({ summary: 'gateway of the deployment', schemes: ['https'] }),
  caFile: fileContent({ summary: 'certificate authority of the gateway, PEM' }),
  identityFingerprint: text({
    summary: 'pinned identity of the deployment',
    pattern: /^SHA256:[A-Za-z0-9_-]{43}$/,
  }),
  keyFile: text({ summary: 'key file of the plugin, mode 0600' }),
  pool: text({ summary: 'HSM pool', pattern: name, fallback: 'default' }),
  tenant: text({ summary: 'tenant', pattern: name, fallback: 'default' }),
  group: text({ summary: 'group of the KEK', pattern: name, fallback: 'default' }),
  key: text({ summary: 'name of the KEK', pattern: name }),
  provider: text({
    summary: 'provider name in the EncryptionConfiguration; bound to every ciphertext',
    pattern: name,
  }),
  graceSeconds: integer({
    summary: 'how long Status stays ok while the deployment cannot be reached',
    min: 0,
    max: 86_400,
    fallback: 300,
  }),
  refreshMs: integer({
    summary: 'how often the KEK is asked for and proven',
    min: 100,
    max: 60_000,
    fallback: 5_000,
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

export const configuration = defineConfig('STRONGROOM_KMS_PLUGIN', settings);
export type KmsPluginConfig = Configuration<typeof settings>;
