/**
 * Kinds that are text. They are looked at octet by octet, because a string that holds a secret can not be erased; JSON is
 * the exception, since only the parser of the language knows what it takes for JSON.
 */
import { isUtf8 } from 'node:buffer';
import { type CheckValue, invalid, valid } from './value-verdict.ts';

const passwordBytesMax = 1_024;
const apiKeyBytes = { min: 8, max: 4_096 };
const pinDigits = { min: 4, max: 32 };

const isControl = (byte: number): boolean => byte < 0x20 || byte === 0x7f;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isVisible = (byte: number): boolean => byte > 0x20 && byte < 0x7f;

export const checkPassword: CheckValue = (value) => {
  if (value.length > passwordBytesMax) return invalid('a password has at most 1024 bytes');
  if (!isUtf8(value)) return invalid('a password is UTF-8 text');
  // The line break that a shell adds is the commonest of all mistakes with passwords.
  if (value.at(-1) === 0x0a) return invalid('a password does not end with a line break');
  return value.some(isControl) ? invalid('a password has no control characters') : valid;
};

export const checkPin: CheckValue = (value) => {
  if (value.length < pinDigits.min || value.length > pinDigits.max)
    return invalid('a PIN has 4 to 32 digits');
  return value.every(isDigit) ? valid : invalid('a PIN has digits only');
};

export const checkApiKey: CheckValue = (value) => {
  if (value.length < apiKeyBytes.min || value.length > apiKeyBytes.max)
    return invalid('an API key has 8 to 4096 characters');
  return value.every(isVisible) ? valid : invalid('an API key has visible ASCII characters only');
};

export const checkText: CheckValue = (value) => {
  if (!isUtf8(value)) return invalid('text is UTF-8');
  return value.includes(0) ? invalid('text has no octet of zero') : valid;
};

export const checkJson: CheckValue = (value) => {
  if (!isUtf8(value)) return invalid('JSON is UTF-8');
  try {
    JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8'));
    return valid;
  } catch {
    // What the parser says quotes its input.
    return invalid('not JSON');
  }
};
