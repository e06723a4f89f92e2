import type { StrongroomClient } from '@strongroom/client';
import { StrongroomError } from '@strongroom/errors';
import type { Ask } from '../report/ask.ts';

/** Of operations that no quorum guards. */
export function asking(client: StrongroomClient): Ask {
  return async (operation, params) => {
    const answer = await client.call(operation, params);
    if (answer.status !== 'done') throw new StrongroomError('internal');
    return answer.result;
  };
}
