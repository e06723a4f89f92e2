/** Whether a token can do what was tried out on it. */
import { asFault } from './fault.ts';

/** A token that is lost says so with a code that reopens; anything else in a trial is its way of saying no. */
export function isLack(error: unknown): boolean {
  const action = asFault(error)?.action;
  return action === 'refuse' || action === 'unknown';
}

/** Twice before a lack is believed: it is remembered for the life of the connection, and a device may hiccup. */
export function succeeds(trial: () => void): boolean {
  for (let tries = 1; ; tries += 1) {
    try {
      trial();
      return true;
    } catch (error) {
      if (!isLack(error)) throw error;
      if (tries === 2) return false;
    }
  }
}
