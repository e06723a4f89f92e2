/**
 * Sliding window over counters, after RFC 6479: a ring of words, one bit for a counter. Requests overtake each other on
 * parallel connections, so the newest 1024 counters may come in any order, each once. Older ones are refused unseen.
 */
export const replayWindowCounters = 1_024;

const wordBits = 32;
/** A power of two with one word to spare: the word that the newest counter is in is never shared with the oldest. */
const words = 64;

export class ReplayWindow {
  readonly #seen = new Uint32Array(words);
  #newest = -1;

  /** True once for each counter. To be asked only after the message was authenticated: a forged counter would move the window. */
  accept(counter: number): boolean {
    if (counter <= this.#newest - replayWindowCounters) return false;
    if (counter > this.#newest) this.#slideTo(counter);
    const word = wordOf(counter) % words;
    const bit = 1 << (counter % wordBits);
    const seen = this.#seen[word] ?? 0;
    if ((seen & bit) !== 0) return false;
    this.#seen[word] = seen | bit;
    return true;
  }

  /** Clears the words that come into use anew. */
  #slideTo(counter: number): void {
    const from = this.#newest < 0 ? -1 : wordOf(this.#newest);
    const to = wordOf(counter);
    const fresh = Math.min(to - from, words);
    for (let step = 0; step < fresh; step += 1) this.#seen[(to - step) % words] = 0;
    this.#newest = counter;
  }
}

/** Counters go up to 2^53, beyond what bit operations hold. */
function wordOf(counter: number): number {
  return Math.floor(counter / wordBits);
}
