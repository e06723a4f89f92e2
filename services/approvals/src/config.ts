import {
  busSettings,
  type Configuration,
  databaseSettings,
  defineConfig,
  integer,
  secretFile,
  text,
  url,
} from '@strongroom/config';

const name = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/;

const settings = {
  ...busSettings,
  ...databaseSettings,
  pool: text({
    summary: 'HSM pool whose workers carry out approved operations',
    pattern: name,
    fallback: 'default',
  }),
  webhookUrlFile: secretFile({ summary: 'Slack-style URL that is told of proposals', optional: true }),
  webhookSecretFile: secretFile({ summary: 'signing secret of the webhook', optional: true }),
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

export const configuration = defineConfig('STRONGROOM_APPROVALS', settings);
export type ApprovalsConfig = Configuration<typeof settings>;
