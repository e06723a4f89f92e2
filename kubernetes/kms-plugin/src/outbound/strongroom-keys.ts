import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { StrongroomClient } from '@strongroom/client';
import type { OperationName, OperationReply, OperationRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { KeyService } from '../ports/key-service.ts';

export interface ProviderName {
  readonly group: string;
  readonly key: string;
  readonly provider: string;
}

export function makeStrongroomKeys(client: StrongroomClient, name: ProviderName): KeyService {
  const call = async <Name extends OperationName>(
    operation: Name,
    params: OperationRequest<Name>,
    deadlineMs: number,
  ): Promise<OperationReply<Name>> => {
    const answer = await client.call(operation, params, { deadlineMs });
    if (answer.status !== 'done') throw new StrongroomError('approval-pending');
    return answer.result;
  };
  return {
    describe: (deadlineMs) => call('kms.describe', name, deadlineMs),
    async wrap(keyId, plaintext, deadlineMs) {
      const reply = await call('kms.wrap', { ...name, keyId, plaintext: encodeBytes(plaintext) }, deadlineMs);
      return { ...reply, ciphertext: decodeBytes(reply.ciphertext) };
    },
    async unwrap(keyId, ciphertext, deadlineMs) {
      const params = { ...name, keyId, ciphertext: encodeBytes(ciphertext) };
      return decodeBytes((await call('kms.unwrap', params, deadlineMs)).plaintext);
    },
  };
}
