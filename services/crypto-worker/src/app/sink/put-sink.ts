import { X509Certificate } from 'node:crypto';
import { type SinkTarget, sinksMax } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Governance } from '../../ports/governance.ts';
import type { Registry } from '../../ports/registry.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { Call, UseCase } from '../use-case.ts';
import { describeSink } from './describe-sink.ts';

export interface SinkPorts {
  readonly registry: Pick<Registry, 'read' | 'list' | 'count'>;
  readonly governance: Governance;
}

/**
 * Makes a sink, or points it elsewhere. Its quorum is the one that it was made under: the `policy` of a request can not swap
 * the people who agreed to the log's going out for others. Everything is checked before anybody is asked to agree.
 */
export function makePutSink({ registry, governance }: SinkPorts): UseCase<'audit.sink-put'> {
  return {
    async permit({ params: { name, target, from, policy } }: Call<'audit.sink-put'>) {
      await requirePolicy(governance, policy);
      requireUsable(target);
      const record = await registry.read('sink', name);
      if (record === undefined) {
        if ((await registry.count('sink', '')) >= sinksMax) throw invalid('at most 16 sinks');
        return;
      }
      if (record.value.policy !== policy) throw invalid('/policy');
      if (record.value.from !== from) throw invalid('/from');
    },
    async carryOut({ params: { name, target, from, policy }, requestId, at }) {
      const record = await registry.read('sink', name);
      const { id = requestId, createdAt = at } = record?.value ?? {};
      const value = { id, target, from, policy, createdAt, updatedAt: at };
      const expectedVersion = record?.version ?? 0;
      return {
        result: await describeSink({ id: name, value }, governance),
        ...(record === undefined ? {} : { version: record.version + 1 }),
        changes: [{ kind: 'sink', id: name, expectedVersion, value }],
      };
    },
  };
}

/** Throws `request-invalid` for what the schema lets pass and nothing can be reached by. */
function requireUsable(target: SinkTarget): void {
  if (target.kind === 'file') return;
  if (target.kind === 'webhook') {
    const url = URL.parse(target.url);
    if (url === null || url.username !== '' || url.password !== '' || url.hash !== '')
      throw invalid('/target/url');
  }
  if (target.ca !== undefined && !isCertificate(target.ca)) throw invalid('/target/ca');
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}

const invalid = (detail: string): StrongroomError => new StrongroomError('request-invalid', { detail });
