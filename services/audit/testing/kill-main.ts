/** `npm run fault -- [kills] [seed]`: the run that the test suite has a handful of. */
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { AuditHost } from './audit-host.ts';
import { killWriter } from './kill-writer.ts';

const killsDefault = 200;
const [kills = killsDefault, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number);
if (![kills, seed].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  console.error('usage: npm run fault -- [kills] [seed]');
  process.exit(2);
}
console.log(`seed ${seed}, ${kills} kills`);
const host = await AuditHost.start();
try {
  const { takeoverMs, ...report } = await killWriter(host, {
    kills,
    seed,
    onKill: (kill, entries, ms) =>
      console.log(`kill ${kill}: next receipt after ${Math.round(ms)} ms, ${entries} entries, all is well`),
  });
  const at = (share: number) => Math.round(takeoverMs[Math.floor((takeoverMs.length - 1) * share)] ?? 0);
  console.log(JSON.stringify({ ...report, takeoverMs: { p50: at(0.5), p99: at(0.99), max: at(1) } }));
} finally {
  await host.stop();
}
