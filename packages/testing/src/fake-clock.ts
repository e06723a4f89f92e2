/** A clock that moves only when a test says so. It fits every `Clock` port: as milliseconds, `Date` and RFC 3339. */
export class FakeClock {
  #ms: number;

  constructor(start: string | number = '2030-01-01T00:00:00.000Z') {
    this.#ms = typeof start === 'number' ? start : Date.parse(start);
    if (!Number.isFinite(this.#ms)) throw new TypeError('the start is no time');
  }

  /** RFC 3339 UTC with milliseconds. */
  now(): string {
    return new Date(this.#ms).toISOString();
  }

  nowMs(): number {
    return this.#ms;
  }

  /** May be negative: clocks jump back. */
  advance(ms: number): void {
    this.#ms += ms;
  }
}
