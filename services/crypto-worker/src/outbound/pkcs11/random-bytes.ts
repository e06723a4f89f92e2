import { StrongroomError } from '@strongroom/errors';
import type { TokenConnection } from './token-connection.ts';

const randomBytesMax = 1_024;

export function randomBytes({ cryptoki, sessions }: TokenConnection, bytes: number): Uint8Array {
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > randomBytesMax) {
    throw new StrongroomError('request-invalid', { detail: 'random bytes' });
  }
  return sessions.use((session) => cryptoki.C_GenerateRandom(session, Buffer.allocUnsafeSlow(bytes)));
}
