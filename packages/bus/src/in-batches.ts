import { batchBytesMax, batchRecordsMax } from './limits.ts';

/** Cuts a list into what fits into one message each. An item that is too large for company travels alone. */
export function* inBatches<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
): Iterable<readonly Item[]> {
  let start = 0;
  let size = 0;
  for (let index = 0; index < items.length; index += 1) {
    const bytes = bytesOf(items[index] as Item);
    const isFull = index - start === batchRecordsMax || size + bytes > batchBytesMax;
    if (isFull && index > start) {
      yield items.slice(start, index);
      start = index;
      size = 0;
    }
    size += bytes;
  }
  if (start < items.length) yield start === 0 ? items : items.slice(start);
}
