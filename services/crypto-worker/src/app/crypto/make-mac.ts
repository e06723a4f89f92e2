import { encodeBytes, equalBytes } from '@strongroom/canonical';
import { bytesField } from '../bytes-field.ts';
import { type ItemVerb, requireUse } from './item-verb.ts';
import { atVersion, keyInUse, tokenLabel } from './key-in-use.ts';
import { done, task } from './key-task.ts';

export const makeMac: ItemVerb<'crypto.mac'> = (key) => {
  requireUse(key, 'mac', 'mac');
  return ({ input }) => {
    const inUse = keyInUse(key, key.use({ purpose: 'mac', use: 'mac' }));
    const asked = { kind: 'mac', label: tokenLabel(inUse), data: bytesField(input, 'input') } as const;
    return task(asked, (mac) => done({ ...inUse.used, mac: encodeBytes(mac) }));
  };
};

/** The whole MAC, compared in constant time: a shortened one is not valid. */
export const verifyMac: ItemVerb<'crypto.verify-mac'> = (key) => {
  requireUse(key, 'mac', 'verify-mac');
  return ({ input, mac, version }) => {
    const shown = bytesField(mac, 'mac');
    const inUse = keyInUse(key, key.use({ purpose: 'mac', use: 'verify-mac', ...atVersion(version) }));
    const asked = { kind: 'mac', label: tokenLabel(inUse), data: bytesField(input, 'input') } as const;
    return task(asked, (made) => done({ ...inUse.used, valid: equalBytes(made, shown) }));
  };
};
