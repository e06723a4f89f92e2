/**
 * Tells the audit service which sinks there are and how long rows stay, in a statement of the identity key. It is made anew for each question: the
 * nonce ties it to the one who asked now, so nobody can hand out yesterday's list in which a removed sink still stands.
 */
import { encodeBytes } from '@strongroom/canonical';
import { type SinksReply, type SinksRequest, type SinksStatement, sinksMax } from '@strongroom/contracts';
import { statementDigest } from '@strongroom/sealed';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';

export interface AnnounceSinksParts {
  /** Name of the deployment: another one's list is not believed. */
  readonly origin: string;
  readonly registry: Pick<Registry, 'list' | 'read'>;
  readonly hsm: Pick<Hsm, 'sign'>;
  readonly clock: Clock;
}

const skewMs = 60_000;
/** Without a worker the log streams on for as long. */
const validMs = 10 * 60_000;

export function makeAnnounceSinks({ origin, registry, hsm, clock }: AnnounceSinksParts) {
  return async ({ nonce }: SinksRequest): Promise<SinksReply> => {
    const records = await registry.list('sink', { prefix: '', limit: sinksMax });
    const retention = await registry.read('retention', 'main');
    const nowMs = clock.nowMs();
    const statement: SinksStatement = {
      type: 'strongroom.sinks/1',
      origin,
      nonce,
      sinks: records.map(({ id: name, value: { id, from, target } }) => ({
        id,
        name,
        from,
        target: structuredClone(target),
      })),
      ...(retention === undefined ? {} : { retentionDays: retention.value.days }),
      notBefore: new Date(nowMs - skewMs).toISOString(),
      notAfter: new Date(nowMs + validMs).toISOString(),
    };
    const signature = encodeBytes(await hsm.sign(hsmLabel.identity, statementDigest(statement)));
    return { statement, signature };
  };
}
