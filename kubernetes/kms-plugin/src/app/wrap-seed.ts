/** Wraps one seed under the key_id that `Status` names, so that the API server sees both agree across a rotation. */
import { StrongroomError } from '@strongroom/errors';
import { checkEncryptAnswer } from '../domain/kms-limits.ts';
import type { ProviderStatus } from '../domain/provider-status.ts';
import type { KeyService } from '../ports/key-service.ts';

/** Names the KEK version in clear beside each wrapped seed, for people who ask which version still matters. */
const versionAnnotation = 'key-version.strongroom.dev';

export interface WrappedSeed {
  readonly ciphertext: Uint8Array;
  readonly keyId: string;
  readonly annotations: Readonly<Record<string, Uint8Array>>;
}

export function makeWrapSeed({ keys, status }: { keys: KeyService; status: ProviderStatus }) {
  return async (plaintext: Uint8Array, deadlineMs: number): Promise<WrappedSeed> => {
    const proven = status.proven;
    if (proven === undefined)
      throw new StrongroomError('worker-unavailable', { detail: 'no key is proven yet' });
    const { ciphertext, keyId, version } = await keys.wrap(proven.keyId, plaintext, deadlineMs);
    const answer = { ciphertext, keyId, annotations: { [versionAnnotation]: Buffer.from(String(version)) } };
    const broken = checkEncryptAnswer(answer);
    if (broken.length > 0 || keyId !== proven.keyId) {
      throw new StrongroomError('reply-invalid', { detail: broken.join(', ') || 'key_id' });
    }
    return answer;
  };
}
