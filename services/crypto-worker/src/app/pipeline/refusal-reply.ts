import type { StrongroomError } from '@strongroom/errors';
import type { Reply } from './passage.ts';

/** What of an error may leave the process: the code, and what it was declared safe to tell. */
export function refusalReply({
  code,
  detail,
  retryAfterMs,
}: StrongroomError): Extract<Reply, { status: 'refused' }> {
  return {
    status: 'refused',
    error: {
      code,
      ...(detail === undefined ? {} : { detail: detail.slice(0, detailCharactersMax) }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  };
}

const detailCharactersMax = 500;
