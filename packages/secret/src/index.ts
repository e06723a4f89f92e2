export { SecretBytes } from './secret-bytes.ts';
export { SecretString } from './secret-string.ts';
