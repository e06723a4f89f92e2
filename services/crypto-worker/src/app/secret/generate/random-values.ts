/** Randomness is the HSM's generator's, in pieces that it gives at once. */
import { StrongroomError } from '@strongroom/errors';
import { fillIndices } from '../../../domain/generate/uniform.ts';
import type { Hsm } from '../../../ports/hsm.ts';

type Random = Pick<Hsm, 'random'>;

/** More than any draw needs; a generator that never gives what is asked of it is broken. */
const drawsMax = 1_000;

/** Characters of an alphabet, each equally likely. */
export async function randomText(hsm: Random, characters: string, length: number): Promise<Buffer> {
  const indices = Buffer.alloc(length);
  let filled = 0;
  for (let draw = 0; filled < length; draw += 1) {
    if (draw === drawsMax) throw new StrongroomError('hsm-unavailable', { detail: 'random generator' });
    const random = await hsm.random(Math.min(1_024, 2 * (length - filled) + 8));
    filled = fillIndices(random, characters.length, indices, filled);
    random.fill(0);
  }
  for (const [at, index] of indices.entries()) indices[at] = characters.charCodeAt(index);
  return indices;
}
