/** C2SP checkpoint, https://c2sp.org/tlog-checkpoint: the text of a signed note that says what a tree is. */
import { hashBytes, isHash } from './hash.ts';
import { isSize } from './size.ts';

export interface Checkpoint {
  /** Names the log; one line. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

const originForm = /^[^\p{Cc}]+$/u;
const sizeForm = /^(0|[1-9][0-9]{0,15})$/;
const rootCharacters = Math.ceil(hashBytes / 3) * 4;

/** Throws `RangeError` for what a checkpoint can not say. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!originForm.test(origin) || !origin.isWellFormed()) throw new RangeError('an origin is one line');
  if (!isSize(size)) throw new RangeError('a tree size is a safe integer from 0');
  if (!isHash(root)) throw new RangeError('a root has 32 bytes');
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/** `undefined` for any other text. Extension lines are refused: our log writes none, and what nobody reads nobody signs. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, size, root, end, ...more] = text.split('\n');
  if (origin === undefined || size === undefined || root === undefined) return undefined;
  if (end !== '' || more.length > 0 || !sizeForm.test(size) || root.length !== rootCharacters)
    return undefined;
  const checkpoint = { origin, size: Number(size), root: new Uint8Array(Buffer.from(root, 'base64')) };
  if (!isSize(checkpoint.size) || !isHash(checkpoint.root) || !originForm.test(origin)) return undefined;
  // One text for one checkpoint: lenient base64 does not pass.
  return origin.isWellFormed() && formatCheckpoint(checkpoint) === text ? checkpoint : undefined;
}
