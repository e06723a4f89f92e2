import { type Configuration, defineConfig, fileContent, text, url } from '@strongroom/config';

const name = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/;

const settings = {
  gatewayUrl: url({ summary: 'gateway of the deployment', schemes: ['https'] }),
  caFile: fileContent({ summary: 'certificate authority of the gateway, PEM' }),
  identityFingerprint: text({
    summary: 'pinned identity of the deployment',
    pattern: /^SHA256:[A-Za-z0-9_-]{43}$/,
  }),
  pool: text({ summary: 'HSM pool', pattern: name, fallback: 'default' }),
  tenant: text({ summary: 'tenant', pattern: name, fallback: 'default' }),
  cluster: text({ summary: 'name that this cluster is registered under', pattern: name }),
  // Read anew at each fetch: the kubelet replaces a projected token while the agent runs.
  tokenFile: text({ summary: 'projected service-account token with the audience of the worker' }),
  secretsFile: fileContent({ summary: 'JSON list of { group, name, version?, path, mode? }' }),
  outputDirectory: text({ summary: 'memory-backed directory that the application reads', pattern: /^\// }),
  logLevel: text({ summary: 'log level', pattern: /^(trace|debug|info|warn|error)$/, fallback: 'info' }),
};

export const configuration = defineConfig('STRONGROOM_AGENT', settings);
export type AgentConfig = Configuration<typeof settings>;
