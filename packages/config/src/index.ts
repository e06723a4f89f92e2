export {
  type ConfigDefinition,
  type Configuration,
  defineConfig,
  type Environment,
  type ReadFile,
  type Setting,
} from './define-config.ts';
export { boolean, fileContent, integer, secretFile, text, url } from './settings.ts';
