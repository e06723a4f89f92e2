import {
  boolean,
  busSettings,
  type Configuration,
  databaseSettings,
  defineConfig,
  fileContent,
  integer,
  readablePath,
  text,
  url,
} from '@strongroom/config';

const settings = {
  ...busSettings,
  ...databaseSettings,
  identity: text({
    summary: 'identity key of the deployment, 32 bytes as base64url',
    pattern: /^[A-Za-z0-9_-]{43}$/,
  }),
  serviceKeyFile: text({ summary: 'key file that the governance root names for this service, mode 0600' }),
  origin: text({
    summary: 'origin line of the checkpoints: the deployment',
    pattern: /^[a-z0-9][a-z0-9._/-]{0,126}$/,
  }),
  sinkDirectory: text({ summary: 'folder that sinks of kind `file` write to', optional: true }),
  archiveDirectory: text({ summary: 'folder that sealed segments of the log are copied to', optional: true }),
  sinkCertFile: readablePath({
    summary: 'certificate to show to receivers of syslog, PEM',
    optional: true,
  }),
  sinkKeyFile: readablePath({
    summary: 'key of the certificate to show to receivers of syslog, PEM',
    optional: true,
  }),
  managementHost: text({ summary: 'address of probes and metrics', fallback: '127.0.0.1' }),
  managementPort: integer({
    summary: 'port of probes and metrics; 0: any',
    min: 0,
    max: 65_535,
    fallback: 0,
  }),
  tilesHost: text({ summary: 'address of the tiles of the log', fallback: '127.0.0.1' }),
  tilesPort: integer({
    summary: 'port of the tiles of the log (C2SP tlog-tiles); absent: not served; 0: any',
    min: 0,
    max: 65_535,
    optional: true,
  }),
  tilesEntries: boolean({
    summary: 'serve entries too, to whoever reaches the port',
    fallback: false,
  }),
  witnessesFile: fileContent({
    summary: 'witnesses that checkpoints are brought to, one a line: verifier key, address',
    optional: true,
  }),
  witnessesNeeded: integer({
    summary: 'cosignatures that a checkpoint needs before anything under it leaves',
    min: 0,
    max: 16,
    fallback: 0,
  }),
  statusFile: text({ summary: 'where the state of the process is written', optional: true }),
  logLevel: text({ summary: 'log level', pattern: /^(trace|debug|info|warn|error)$/, fallback: 'info' }),
  otlpUrl: url({ summary: 'OTLP/HTTP collector', schemes: ['http', 'https'], optional: true }),
};

export const configuration = defineConfig('STRONGROOM_AUDIT', settings);
export type AuditConfig = Configuration<typeof settings>;
