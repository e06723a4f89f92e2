/**
 * Lines of a bundle from its bytes. Only a line feed ends a line: a reader that takes other characters too would let two
 * different files pass for one bundle.
 */
import { isUtf8 } from 'node:buffer';
import { lineCharactersMax } from './bundle.ts';

const lineFeed = 0x0a;
/** UTF-8 has up to three bytes for one UTF-16 unit. One more than a line may have is enough to see that it has too many. */
const lineBytesMax = 3 * lineCharactersMax + 1;

/**
 * What is not UTF-8 comes out as a line that no bundle has, and so does what follows the last line feed. An endless line
 * is cut off: the memory that this takes does not grow with the input.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      yield decode([...rest, chunk.subarray(start, end)]);
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length && restBytes < lineBytesMax) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
    }
  }
  if (rest.length > 0) yield `${decode(rest)} without a line end`;
}

/** What is not UTF-8 becomes a character that no JSON has in its text; the rest of such a line may still tell its place. */
function decode(parts: readonly Uint8Array[]): string {
  const bytes = Buffer.concat(parts);
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? text : text.replaceAll('\ufffd', '\0');
}
