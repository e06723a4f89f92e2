import { encodeBytes } from '@strongroom/canonical';
import type { ItemReply, ItemRequest } from './item-verb.ts';
import { done, type Step, task } from './key-task.ts';

export function makeRandom({ length }: ItemRequest<'crypto.random'>): Step<ItemReply<'crypto.random'>> {
  return task({ kind: 'random', bytes: length }, (output) => {
    const bytes = encodeBytes(output);
    output.fill(0);
    return done({ bytes, protection: 'hsm' });
  });
}
