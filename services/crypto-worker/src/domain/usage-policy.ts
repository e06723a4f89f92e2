/**
 * What the owner of a key allows beyond its state: one list of small checks, each with its reason, in the order in which they are
 * told. A use that no check refuses is allowed; a policy without fields allows everything.
 */
import { decodeBytes } from '@strongroom/canonical';
import type { KeyMechanism, KeyUsage, KeyUse } from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';

export interface IntendedUse {
  readonly use: KeyUse;
  readonly mechanism: KeyMechanism;
  readonly atMs: number;
  /** Base64url, as it travels; of a batch each different one is asked about. */
  readonly associatedData?: string | undefined;
}

export interface UsageRefusal {
  readonly code: ErrorCode;
  /** The field of the policy that refuses. */
  readonly detail: string;
}

interface Check {
  readonly field: keyof KeyUsage;
  readonly code: ErrorCode;
  readonly refuses: (usage: KeyUsage, intended: IntendedUse) => boolean;
}

const checks: readonly Check[] = [
  {
    field: 'operations',
    code: 'key-usage-refused',
    refuses: ({ operations }, { use }) => operations !== undefined && !operations.includes(use),
  },
  {
    field: 'mechanisms',
    code: 'key-usage-refused',
    refuses: ({ mechanisms }, { mechanism }) => mechanisms !== undefined && !mechanisms.includes(mechanism),
  },
  {
    field: 'notBefore',
    code: 'key-use-early',
    refuses: ({ notBefore }, { atMs }) => notBefore !== undefined && atMs < Date.parse(notBefore),
  },
  {
    field: 'notAfter',
    code: 'key-use-late',
    refuses: ({ notAfter }, { atMs }) => notAfter !== undefined && atMs > Date.parse(notAfter),
  },
  {
    field: 'associatedDataPrefix',
    code: 'key-usage-refused',
    refuses: ({ associatedDataPrefix }, { associatedData }) =>
      associatedDataPrefix !== undefined && !startsWith(associatedData, associatedDataPrefix),
  },
];

/** The first check that refuses. Rates are no part of it: they need to count (`UseRates`). */
export function usageRefusal(usage: KeyUsage, intended: IntendedUse): UsageRefusal | undefined {
  const refusing = checks.find(({ refuses }) => refuses(usage, intended));
  return refusing && { code: refusing.code, detail: refusing.field };
}

/** Over octets: the text of a prefix is no prefix of the text. Both are base64url by schema, as far as their alphabet goes. */
function startsWith(text: string | undefined, prefix: string): boolean {
  if (text === undefined) return false;
  const wanted = decodeBytes(prefix);
  return Buffer.from(text, 'base64url').subarray(0, wanted.length).equals(wanted);
}
