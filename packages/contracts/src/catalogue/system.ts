import { type Static, Type } from 'typebox';
import { Count, closed, Name, Text, Timestamp, Version } from '../fields.ts';
import { operation } from '../operation.ts';

export const SystemStatusRequest = closed({});
export type SystemStatusRequest = Static<typeof SystemStatusRequest>;
export const SystemStatusReply = closed({
  worker: Text(64),
  pool: Name,
  version: Text(32),
  hsm: closed({ label: Text(64), model: Text(64), serial: Text(64), state: Text(32) }),
  registrySequence: Count,
  sealingKey: closed({ epoch: Version, notAfter: Timestamp }),
  receiptEpoch: Count,
  governance: closed({ version: Version, approvers: Count, policies: Type.Array(Name, { maxItems: 100 }) }),
  /** Mutations that were interrupted and wait for reconciliation. */
  unknownOutcomes: Count,
});
export type SystemStatusReply = Static<typeof SystemStatusReply>;

export interface SystemOperations {
  'system.status': { request: SystemStatusRequest; reply: SystemStatusReply };
}

export const systemOperations = [
  operation({
    name: 'system.status',
    summary: 'Tells the state of a worker, its HSM, the registry and the governance root.',
    class: 'manage',
    request: SystemStatusRequest,
    reply: SystemStatusReply,
    privilege: 'system.status',
    object: { kind: 'system' },
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: {},
      reply: {
        worker: 'plain',
        pool: 'never',
        version: 'never',
        hsm: 'never',
        registrySequence: 'plain',
        sealingKey: 'never',
        receiptEpoch: 'never',
        governance: 'never',
        unknownOutcomes: 'plain',
      },
    },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'GET', path: '/v1/system/status' },
    since: '0.1.0',
  }),
] as const;
