/** Mutations that this process is carrying out: reconciliation must leave their open intents alone. */
export class InFlight {
  readonly #ids = new Set<string>();

  enter(actor: string, requestId: string): void {
    this.#ids.add(idOf(actor, requestId));
  }

  leave(actor: string, requestId: string): void {
    this.#ids.delete(idOf(actor, requestId));
  }

  has(actor: string, requestId: string): boolean {
    return this.#ids.has(idOf(actor, requestId));
  }

  get size(): number {
    return this.#ids.size;
  }
}

/** Injective: neither part can hold a space. */
const idOf = (actor: string, requestId: string): string => `${actor} ${requestId}`;
