export {
  boolean,
  type ConfigDefinition,
  type Configuration,
  defineConfig,
  type Environment,
  fileContent,
  integer,
  type ReadFile,
  type Setting,
  secretFile,
  text,
  url,
} from './config.ts';
