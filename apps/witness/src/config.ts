import { type Configuration, defineConfig, fileContent, integer, text } from '@strongroom/config';

const settings = {
  name: text({
    summary: 'name of the key of this witness, such as a domain and a path',
    pattern: /^[a-z0-9][a-z0-9._/-]{0,126}$/,
  }),
  keyFile: text({ summary: 'key file, mode 0600' }),
  stateFile: text({ summary: 'the one file of state; must survive, and must not be restored from a copy' }),
  logsFile: fileContent({ summary: 'verifier keys of the logs, one a line: <origin>+<key id>+<key>' }),
  host: text({ summary: 'address to listen on', fallback: '127.0.0.1' }),
  port: integer({ summary: 'port to listen on; 0: any', min: 0, max: 65_535, fallback: 0 }),
  statusFile: text({ summary: 'where the state of the process is written', optional: true }),
  logLevel: text({ summary: 'log level', pattern: /^(trace|debug|info|warn|error)$/, fallback: 'info' }),
};

export const configuration = defineConfig('STRONGROOM_WITNESS', settings);
export type WitnessConfig = Configuration<typeof settings>;
