export interface RegistryClock {
  /** Milliseconds that never jump: what has been current for how long. */
  monotonicMs(): number;
  /** Milliseconds since 1970, UTC: when an outcome expires. */
  nowMs(): number;
}

export const systemRegistryClock: RegistryClock = Object.freeze({
  monotonicMs: () => performance.now(),
  nowMs: () => Date.now(),
});
