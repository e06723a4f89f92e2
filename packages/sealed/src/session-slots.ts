/**
 * What a worker holds of each session beside its claims: both keys and the replay window, about 200 bytes in a slot of a few
 * large arrays. Key objects are made for the sessions that are busy: one costs ten times its 32 octets, and making it a tenth
 * of a message. Sessions that are idle, which are most, do with the octets.
 */
import { ReplayWindows } from './replay-window.ts';
import { type SessionKeys, sessionKeyOctets, sessionKeysFrom } from './session-keys.ts';

const slotsOfChunk = 256;
const busyMax = 1_024;

interface Chunk {
  readonly octets: Buffer;
  readonly windows: ReplayWindows;
}

export class SessionSlots {
  readonly #chunks: Chunk[] = [];
  readonly #free: number[] = [];
  /** In the order in which they became busy; the first leaves. */
  readonly #busy = new Map<number, SessionKeys>();

  /** Copies the octets of the keys. */
  take(octets: Uint8Array): number {
    const slot = this.#free.pop() ?? this.#grow();
    this.#octetsOf(slot).set(octets);
    this.#chunkOf(slot).windows.reset(slot % slotsOfChunk);
    return slot;
  }

  /** Keys that were handed out before stay good for the reply that is under way. */
  release(slot: number): void {
    this.#octetsOf(slot).fill(0);
    this.#busy.delete(slot);
    this.#free.push(slot);
  }

  keys(slot: number): SessionKeys {
    const known = this.#busy.get(slot);
    if (known !== undefined) return known;
    const keys = sessionKeysFrom(this.#octetsOf(slot));
    const [first] = this.#busy.keys();
    if (this.#busy.size >= busyMax && first !== undefined) this.#busy.delete(first);
    this.#busy.set(slot, keys);
    return keys;
  }

  /** True once for each counter of the session, within its window. */
  accept(slot: number, counter: number): boolean {
    return this.#chunkOf(slot).windows.accept(slot % slotsOfChunk, counter);
  }

  #grow(): number {
    const first = this.#chunks.length * slotsOfChunk;
    this.#chunks.push({
      octets: Buffer.allocUnsafeSlow(slotsOfChunk * sessionKeyOctets),
      windows: new ReplayWindows(slotsOfChunk),
    });
    for (let slot = first + slotsOfChunk - 1; slot > first; slot -= 1) this.#free.push(slot);
    return first;
  }

  #chunkOf(slot: number): Chunk {
    const chunk = this.#chunks[Math.floor(slot / slotsOfChunk)];
    if (chunk === undefined) throw new RangeError('no such slot');
    return chunk;
  }

  #octetsOf(slot: number): Buffer {
    const at = (slot % slotsOfChunk) * sessionKeyOctets;
    return this.#chunkOf(slot).octets.subarray(at, at + sessionKeyOctets);
  }
}
