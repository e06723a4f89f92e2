/** All operations of the area, in both forms. A verb that is missing here, or has only one form, does not compile. */
import type { CryptoOperations } from '@strongroom/contracts';
import type { GcmInvocations } from '../key/gcm-invocations.ts';
import type { UseCases } from '../use-case.ts';
import { makeCountedTasks } from './count-invocations.ts';
import { decryptData } from './decrypt-data.ts';
import { encryptData } from './encrypt-data.ts';
import type { ItemName } from './item-verb.ts';
import { makeDataKey } from './make-data-key.ts';
import { makeMac, verifyMac } from './make-mac.ts';
import { makeRandom } from './make-random.ts';
import { type ManyItemsParts, makeManyItems } from './many-items.ts';
import { makeOneItem } from './one-item.ts';
import { type ItemSource, type KeyPorts, keyedItems, keylessItems } from './prepare-items.ts';
import { rewrapData } from './rewrap-data.ts';
import { makeRunTasks, type RunTasksParts } from './run-tasks.ts';
import { signData, verifySignature } from './sign-data.ts';
import { unwrapKey, wrapKey } from './wrap-key.ts';

export type CryptoPorts = KeyPorts &
  RunTasksParts &
  Pick<ManyItemsParts, 'hsm'> & { readonly invocations: Pick<GcmInvocations, 'take'> };

type Sources = { readonly [Name in ItemName]: ItemSource<Name> };

export function makeCryptoUseCases(ports: CryptoPorts): Pick<UseCases, keyof CryptoOperations> {
  const sources: Sources = {
    'crypto.encrypt': keyedItems(ports, encryptData),
    'crypto.decrypt': keyedItems(ports, decryptData),
    'crypto.rewrap': keyedItems(ports, rewrapData),
    'crypto.data-key': keyedItems(ports, makeDataKey),
    'crypto.wrap': keyedItems(ports, wrapKey),
    'crypto.unwrap': keyedItems(ports, unwrapKey),
    'crypto.sign': keyedItems(ports, signData),
    'crypto.verify': keyedItems(ports, verifySignature),
    'crypto.mac': keyedItems(ports, makeMac),
    'crypto.verify-mac': keyedItems(ports, verifyMac),
    'crypto.random': keylessItems(makeRandom),
  };
  const runTasks = makeCountedTasks(ports.invocations, makeRunTasks(ports));
  const useCases = Object.entries(sources).flatMap(([name, source]) => [
    [name, makeOneItem(runTasks, source as ItemSource<ItemName>)],
    [`${name}-many`, makeManyItems({ hsm: ports.hsm, runTasks }, source as ItemSource<ItemName>)],
  ]);
  return Object.fromEntries(useCases) as Pick<UseCases, keyof CryptoOperations>;
}
