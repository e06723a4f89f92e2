/** How far each sink has come, by the id of the sink. Durable. Both methods may throw `database-unavailable`. */
export interface SinkCursors {
  /** Index of the first entry that is not acknowledged; `undefined` for a sink that got nothing yet. */
  next(sink: string): Promise<number | undefined>;
  /** Never goes back: of two processes that stream by mistake the slower one changes nothing. */
  advance(sink: string, next: number): Promise<void>;
}
