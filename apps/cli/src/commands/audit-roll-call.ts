import type { StrongroomClient } from '@strongroom/client';
import type { AuditFilter } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

/** The filter that a provably whole answer is asked for with, once the log has stated the last number of its subject. */
export async function callRoll(client: StrongroomClient, filter: AuditFilter): Promise<AuditFilter> {
  const [[kind, name] = [], ...more] = Object.entries(filter);
  const isSubject = (kind === 'actor' || kind === 'key' || kind === 'secret') && typeof name === 'string';
  if (!isSubject || more.length > 0 || name.endsWith('*')) {
    const detail = '--prove is for one actor, one key or one secret, and no other condition';
    throw new StrongroomError('request-invalid', { detail });
  }
  const answer = await client.call('audit.roll-call', { subject: { kind, name } });
  if (answer.status !== 'done') throw new StrongroomError('internal');
  return answer.result.filter;
}
