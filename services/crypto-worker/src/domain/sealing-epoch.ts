/**
 * Sealing epochs: one key a day, and two days of grace in which it still opens what was sealed to it. Then its private half
 * is destroyed, and what was recorded on the way stays closed for ever.
 */
const sealingEpochMs = 24 * 3_600_000;
const sealingGraceEpochs = 2;
/** A key is announced a little before its day and stays in force a little after it, for clocks and caches of callers. */
const earlyMs = 10 * 60_000;
const lateMs = 60 * 60_000;

export function sealingEpochAt(nowMs: number): number {
  return Math.floor(nowMs / sealingEpochMs);
}

/** Epochs that must have a key now. */
export function neededEpochs(nowMs: number): readonly number[] {
  const now = sealingEpochAt(nowMs);
  const soon = sealingEpochAt(nowMs + 2 * earlyMs);
  return soon === now ? [now] : [now, soon];
}

/** Whether the private half of the epoch may still open messages. */
export function isInGrace(epoch: number, nowMs: number): boolean {
  return epoch >= sealingEpochAt(nowMs) - sealingGraceEpochs && epoch <= sealingEpochAt(nowMs + 2 * earlyMs);
}

export function validityOf(epoch: number): { readonly notBefore: string; readonly notAfter: string } {
  const startMs = epoch * sealingEpochMs;
  return {
    notBefore: new Date(startMs - earlyMs).toISOString(),
    notAfter: new Date(startMs + sealingEpochMs + lateMs).toISOString(),
  };
}
