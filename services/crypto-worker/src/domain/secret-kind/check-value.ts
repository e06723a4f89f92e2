/** One row a kind: how large its value may be, and what makes it one. */
import { opaqueBytesMax, type SecretKind, secretBytesMax } from '@strongroom/contracts';
import { checkCertificate } from './certificate-value.ts';
import { checkKey } from './key-value.ts';
import { checkSshKey } from './ssh-key-value.ts';
import { checkApiKey, checkJson, checkPassword, checkPin, checkText } from './text-value.ts';
import { type CheckValue, valid } from './value-verdict.ts';

export interface ValueRules {
  readonly bytesMax: number;
  readonly check: CheckValue;
}

const small = (check: CheckValue): ValueRules => Object.freeze({ bytesMax: secretBytesMax, check });

export const valueRules: { readonly [Kind in SecretKind]: ValueRules } = Object.freeze({
  password: small(checkPassword),
  pin: small(checkPin),
  'api-key': small(checkApiKey),
  'ssh-key': small(checkSshKey),
  certificate: small(checkCertificate),
  key: small(checkKey),
  text: small(checkText),
  json: small(checkJson),
  opaque: Object.freeze({ bytesMax: opaqueBytesMax, check: () => valid }),
});
