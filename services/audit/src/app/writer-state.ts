/** What the writer of the log can be doing, and what a caller hears in each case. */
import { StrongroomError } from '@strongroom/errors';

export type WriterState =
  /** Another process writes, or has not been silent for long enough yet. */
  | { readonly kind: 'standing-by'; readonly reason: string; readonly seesWriter: boolean }
  /** It has no epoch, no certificate or no first checkpoint yet. */
  | { readonly kind: 'opening'; readonly reason: string }
  | { readonly kind: 'writing' }
  /** The store is away, or the last commit is in doubt: nothing is taken until the store was read again. */
  | { readonly kind: 'recovering'; readonly reason: string }
  /** For good: another writer took over. The process ends, and stands by once it is started again. */
  | { readonly kind: 'fenced'; readonly reason: string }
  /** For good: the stored log is not the one that was written or signed. Somebody has to look. */
  | { readonly kind: 'stopped'; readonly reason: string };

const retryAfterMs = 250;

/** What an append is refused with at once, unless entries are taken. */
export function refusalOf(state: WriterState): StrongroomError | undefined {
  switch (state.kind) {
    case 'writing':
      return undefined;
    case 'recovering':
      return new StrongroomError('database-unavailable', { detail: state.reason, retryAfterMs });
    default:
      return new StrongroomError('audit-unavailable', { detail: state.reason, retryAfterMs });
  }
}
