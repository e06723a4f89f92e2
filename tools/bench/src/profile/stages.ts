/**
 * Where the time of an operation goes, by stage: a sample belongs to the innermost function on its stack whose file is of a
 * stage, so that what the runtime does for a stage counts for it.
 */
import type { StackSample } from './cpu-profile.ts';

export interface Stage {
  readonly name: string;
  /** Of path and function. */
  readonly pattern: RegExp;
}

export const processStages: Readonly<Record<string, readonly Stage[]>> = {
  gateway: [
    {
      name: 'HTTP and TLS',
      pattern: /^(node:(_http|https|net|tls|_tls|internal\/(tls|http))|fastify\/|find-my-way)/,
    },
    { name: 'admit and route', pattern: /^services\/gateway\/src\/(app|inbound|outbound\/redis|domain)/ },
    { name: 'read header', pattern: /^packages\/(sealed|canonical|contracts)\// },
    { name: 'bus', pattern: /^(packages\/bus|@nats-io)\// },
  ],
  'crypto-worker-1': [
    { name: 'seal', pattern: /src\/app\/pipeline\/seal|sealReply|encodeReply|sealSessionReply/ },
    { name: 'HSM', pattern: /(src\/outbound\/pkcs11|^pkcs11js)\// },
    { name: 'append and receipt', pattern: /src\/(outbound\/bus|app\/pipeline\/receipt)/ },
    { name: 'open', pattern: /(src\/app\/pipeline\/open|^packages\/sealed)/ },
    {
      name: 'prove and authorise',
      pattern: /(src\/app\/pipeline\/(prove|authorise|recall|quorum)|^packages\/authorization)/,
    },
    { name: 'record', pattern: /src\/(outbound\/postgres|domain\/registry)/ },
    { name: 'entry', pattern: /src\/app\/(entry-bodies|pipeline\/outcome)/ },
    { name: 'use case', pattern: /src\/app\/(crypto|kms|secret|pipeline\/effect)/ },
    { name: 'bus', pattern: /^(packages\/bus|@nats-io)\// },
  ],
  audit: [
    { name: 'parse and admit', pattern: /src\/(app\/admit|inbound)/ },
    { name: 'place', pattern: /src\/domain\// },
    { name: 'commit', pattern: /(src\/outbound\/postgres|^pg|^kysely)/ },
    { name: 'receipt', pattern: /src\/app\/(answer-appends|receipt-key)/ },
    { name: 'queue', pattern: /src\/app\/(group-commit|log-writer|append-entries)/ },
    { name: 'bus', pattern: /^(packages\/bus|@nats-io)\// },
  ],
};

/** µs of each stage, the dearest first; what is of none is `runtime`. */
export function byStage(
  samples: readonly StackSample[],
  stages: readonly Stage[],
): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const { frames, us } of samples) {
    const name = stageOf(frames, stages);
    sums.set(name, (sums.get(name) ?? 0) + us);
  }
  return [...sums].sort(([, left], [, right]) => right - left);
}

function stageOf(frames: StackSample['frames'], stages: readonly Stage[]): string {
  for (const { name, path } of frames.toReversed()) {
    const stage = stages.find(({ pattern }) => pattern.test(`${path} ${name}`));
    if (stage !== undefined) return stage.name;
  }
  return 'runtime';
}
