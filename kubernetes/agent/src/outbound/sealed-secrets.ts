import { decodeBytes } from '@strongroom/canonical';
import type { StrongroomClient } from '@strongroom/client';
import type { SecretReadManyReply } from '@strongroom/contracts';
import { isErrorCode, StrongroomError } from '@strongroom/errors';
import type { DeliveryItem } from '../domain/delivery.ts';
import type { FetchedSecret, SecretSource } from '../ports/secret-source.ts';

const deadlineMs = 5_000;

type Outcome = SecretReadManyReply['secrets'][number];

/** All in one reply; where that has no room for all of them, what is missing in another. */
export function makeSealedSecrets(client: Pick<StrongroomClient, 'call'>): SecretSource {
  return {
    async fetch(items) {
      const fetched = new Map<DeliveryItem, FetchedSecret>();
      let missing = items;
      while (missing.length > 0) {
        const outcomes = await ask(client, missing);
        const left: DeliveryItem[] = [];
        for (const [at, item] of missing.entries()) {
          const outcome = outcomes[at] as Outcome;
          if (outcome.status === 'refused' && outcome.code === 'message-too-large') left.push(item);
          else fetched.set(item, { item, ...toValue(outcome, item) });
        }
        // A reply that holds nothing of what was asked for would be asked for without end.
        if (left.length === missing.length) throw new StrongroomError('message-too-large');
        missing = left;
      }
      return items.map((item) => fetched.get(item) as FetchedSecret);
    },
  };
}

async function ask(
  client: Pick<StrongroomClient, 'call'>,
  items: readonly DeliveryItem[],
): Promise<readonly Outcome[]> {
  const secrets = items.map(({ group, name, version }) => ({
    group,
    name,
    ...(version === undefined ? {} : { version }),
  }));
  const answer = await client.call('secret.read-many', { secrets }, { deadlineMs });
  if (answer.status !== 'done') throw new StrongroomError('approval-pending');
  if (answer.result.secrets.length !== items.length) throw new StrongroomError('reply-invalid');
  return answer.result.secrets;
}

function toValue(outcome: Outcome, { group, name }: DeliveryItem) {
  if (outcome.status === 'done')
    return { version: outcome.secret.version, value: decodeBytes(outcome.secret.value) };
  throw new StrongroomError(isErrorCode(outcome.code) ? outcome.code : 'internal', {
    detail: `${group}/${name}`,
  });
}
