import { decodeBytes } from '@strongroom/canonical';
import type { StrongroomClient } from '@strongroom/client';
import { isErrorCode, StrongroomError } from '@strongroom/errors';
import type { SecretSource } from '../ports/secret-source.ts';

const deadlineMs = 5_000;

export function makeSealedSecrets(client: StrongroomClient): SecretSource {
  return {
    async fetch(items) {
      const secrets = items.map(({ group, name, version }) => ({
        group,
        name,
        ...(version === undefined ? {} : { version }),
      }));
      const answer = await client.call('secret.read-many', { secrets }, { deadlineMs });
      if (answer.status !== 'done') throw new StrongroomError('approval-pending');
      const outcomes = answer.result.secrets;
      if (outcomes.length !== items.length) throw new StrongroomError('reply-invalid');
      return outcomes.map((outcome, index) => {
        const item = items[index];
        if (item === undefined) throw new StrongroomError('reply-invalid');
        if (outcome.status === 'refused') {
          throw new StrongroomError(isErrorCode(outcome.code) ? outcome.code : 'internal', {
            detail: `${item.group}/${item.name}`,
          });
        }
        return { item, version: outcome.secret.version, value: decodeBytes(outcome.secret.value) };
      });
    },
  };
}
