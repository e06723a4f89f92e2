export {
  type ConfigDefinition,
  type Configuration,
  defineConfig,
  type Environment,
  type ReadFile,
  type Setting,
} from './define-config.ts';
export { busSettings, databaseSettings, redisSettings, type TlsFiles, tlsFiles } from './engine-settings.ts';
export { boolean, fileContent, integer, readablePath, secretFile, text, url } from './settings.ts';
