/**
 * A place outside that gets the log. Delivery is at least once: `deliver` MAY be called again with entries that arrived
 * before. It resolves when the receiver has all of the page (as far as its protocol can tell), and throws otherwise, at the
 * latest when the signal is aborted; then nothing is known about what arrived.
 */
import type { SinkDefinition } from '@strongroom/contracts';
import type { SinkLine } from '../domain/sink-line.ts';

export interface SinkPage {
  readonly lines: readonly SinkLine[];
  /** Line with the checkpoint that ends with the last entry of the page. */
  readonly checkpoint?: string;
}

export interface Sink {
  deliver(page: SinkPage, signal: AbortSignal): Promise<void>;
}

export type OpenSink = (definition: SinkDefinition) => Sink;
