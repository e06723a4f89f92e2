/**
 * Sliding windows over counters, after RFC 6479: a ring of words, one bit for a counter. Requests overtake each other on
 * parallel connections, so the newest 1024 counters may come in any order, each once. Older ones are refused unseen. Many
 * windows share one array: an array of its own takes 200 bytes beside its content.
 */
export const replayWindowCounters = 1_024;

const wordBits = 32;
/** One word to spare: the word that the newest counter is in is never shared with the oldest. */
const words = replayWindowCounters / wordBits + 1;
const nothingSeen = -1;

export class ReplayWindows {
  readonly #seen: Uint32Array;
  readonly #newest: Float64Array;

  constructor(windows: number) {
    this.#seen = new Uint32Array(windows * words);
    this.#newest = new Float64Array(windows).fill(nothingSeen);
  }

  /** The window has seen nothing, whatever it saw before. */
  reset(window: number): void {
    this.#seen.fill(0, window * words, (window + 1) * words);
    this.#newest[window] = nothingSeen;
  }

  /** True once for each counter. To be asked only after the message was authenticated: a forged counter would move the window. */
  accept(window: number, counter: number): boolean {
    const newest = this.#newest[window] ?? nothingSeen;
    if (counter <= newest - replayWindowCounters) return false;
    if (counter > newest) this.#slide(window, newest, counter);
    const place = window * words + (wordOf(counter) % words);
    const bit = 1 << (counter % wordBits);
    const seen = this.#seen[place] ?? 0;
    if ((seen & bit) !== 0) return false;
    this.#seen[place] = seen | bit;
    return true;
  }

  /** Clears the words that come into use anew. */
  #slide(window: number, newest: number, counter: number): void {
    const from = newest < 0 ? -1 : wordOf(newest);
    const to = wordOf(counter);
    const fresh = Math.min(to - from, words);
    for (let step = 0; step < fresh; step += 1) this.#seen[window * words + ((to - step) % words)] = 0;
    this.#newest[window] = counter;
  }
}

/** Counters go up to 2^53, beyond what bit operations hold. */
function wordOf(counter: number): number {
  return Math.floor(counter / wordBits);
}
