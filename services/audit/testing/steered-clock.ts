/** Loaded before a program: its clock follows the real one, moved by as many milliseconds as the last line of its input says. */
import { createInterface } from 'node:readline';

const RealDate = Date;
let offsetMs = 0;
const now = () => RealDate.now() + offsetMs;

class SteeredDate extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [now()] : given) as [number]));
  }

  static override now(): number {
    return now();
  }
}

globalThis.Date = SteeredDate as DateConstructor;
createInterface({ input: process.stdin }).on('line', (line) => {
  offsetMs = Number(line);
  process.stderr.write(`clock ${offsetMs}\n`);
});
process.stdin.unref?.();
