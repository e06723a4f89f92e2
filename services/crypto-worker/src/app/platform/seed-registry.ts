/**
 * The first start: the governance root that the HSM pins comes into the registry, with a group to begin with, the
 * principals that the root names, and their roles. What happens after that is asked for by somebody.
 *
 * An empty registry under an HSM that remembers a filled one is no first start: somebody emptied it.
 */
import { encodeBytes } from '@strongroom/canonical';
import type { GovernanceRoot, SignedGovernanceRoot } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { newGroup } from '../../domain/group.ts';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { platformKey } from '../../domain/platform-key.ts';
import type { PrincipalRecord } from '../../domain/principal-record.ts';
import type { Grant } from '../../domain/record.ts';
import type { Anchor } from '../../ports/anchor.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { RecordChange, Registry } from '../../ports/registry.ts';
import { commitmentSaltBytes } from '../commitments.ts';
import { governanceRecordId } from '../governance/governance-root.ts';
import type { ChangeAsPlatform } from './change-as-platform.ts';

export interface SeedRegistryParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly anchor: Pick<Anchor, 'read'>;
  readonly hsm: Pick<Hsm, 'createKey' | 'random'>;
  /** Already compared with what the HSM pins. */
  readonly signed: SignedGovernanceRoot;
  readonly change: ChangeAsPlatform;
}

const firstGroup = 'default';

/** Does nothing where the registry is filled. Throws `registry-rolled-back`. */
export function makeSeedRegistry({ registry, anchor, hsm, signed, change }: SeedRegistryParts) {
  return async (): Promise<void> => {
    if ((await registry.read('governance', governanceRecordId)) !== undefined) return;
    if ((await anchor.read()).registry !== undefined)
      throw new StrongroomError('registry-rolled-back', { detail: 'the registry is empty and was not' });
    await change({
      operation: 'platform.seed',
      objects: [{ kind: 'group', name: firstGroup }],
      carryOut: async ({ requestId, at }) => {
        const kekLabel = hsmLabel.groupKek(firstGroup, 1, requestId);
        await hsm.createKey(kekLabel, platformKey.encryption);
        return {
          changes: [
            { kind: 'governance', id: governanceRecordId, expectedVersion: 0, value: signed },
            {
              kind: 'group',
              id: firstGroup,
              expectedVersion: 0,
              value: newGroup(firstGroup, { label: kekLabel, at }),
            },
            ...(await holderRecords(signed.root, at, hsm)),
          ],
        };
      },
    });
  };
}

/** On every worker but the one that seeds. Throws `state-stale` until it has. */
export function makeAwaitSeed({ registry }: Pick<SeedRegistryParts, 'registry'>) {
  return async (): Promise<void> => {
    if ((await registry.read('governance', governanceRecordId)) === undefined)
      throw new StrongroomError('state-stale', {
        detail: 'the witness worker has not filled the registry yet',
      });
  };
}

interface Holder {
  readonly publicKey: string;
  readonly grants: Grant[];
}

/** One principal may be both; then it is one record with two grants. */
async function holderRecords(
  root: GovernanceRoot,
  createdAt: string,
  hsm: Pick<Hsm, 'random'>,
): Promise<readonly RecordChange[]> {
  const holders = new Map<string, Holder>();
  for (const role of ['operator', 'approver'] as const) {
    for (const [index, { principal, publicKey }] of root[`${role}s`].entries()) {
      const holder = holders.get(principal) ?? { publicKey, grants: [] };
      if (holder.publicKey !== publicKey)
        throw new StrongroomError('governance-tampered', { detail: 'one principal with two keys' });
      const name = `root-${role}-${index + 1}`;
      holder.grants.push({ name, role, scope: { kind: 'tenant' }, effect: 'allow' });
      holders.set(principal, holder);
    }
  }
  const records = [...holders].map(async ([id, holder]) => {
    const commitmentSalt = encodeBytes(await hsm.random(commitmentSaltBytes));
    return recordsOf(id, holder, { commitmentSalt, createdAt });
  });
  return (await Promise.all(records)).flat();
}

function recordsOf(
  id: string,
  { publicKey, grants }: Holder,
  made: Pick<PrincipalRecord, 'commitmentSalt' | 'createdAt'>,
): readonly RecordChange[] {
  const principal: PrincipalRecord = { state: 'enabled', credential: { kind: 'key', publicKey }, ...made };
  return [
    { kind: 'principal', id, expectedVersion: 0, value: principal },
    { kind: 'grants', id, expectedVersion: 0, value: { grants } },
    ...grants.map(
      ({ name }): RecordChange => ({
        kind: 'binding',
        id: name,
        expectedVersion: 0,
        value: { principal: id },
      }),
    ),
  ];
}
