import { encodeBytes } from '@strongroom/canonical';
import type { ItemReply, ItemRequest } from './item-verb.ts';
import { done, type Step } from './key-task.ts';

export function makeRandom({ length }: ItemRequest<'crypto.random'>): Step<ItemReply<'crypto.random'>> {
  return {
    status: 'task',
    task: { kind: 'random', bytes: length },
    next: (output) => {
      const bytes = encodeBytes(output);
      output.fill(0);
      return done({ bytes });
    },
  };
}
