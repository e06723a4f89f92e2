/** The log alone, on a database of its own: a program of the audit service, because it needs the parts that the service is made of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import process from 'node:process';

const program = resolve(import.meta.dirname, '../../../services/audit/testing/bench-main.ts');

export interface AuditBench {
  /** How many entries the log holds when it is asked. */
  readonly entries: number;
  /** Where the rows are kept. */
  readonly json?: string | undefined;
}

export async function benchAudit({ entries, json }: AuditBench): Promise<void> {
  const argument = { entries, ...(json === undefined ? {} : { json: resolve(json) }) };
  const child = spawn(process.execPath, [program, JSON.stringify(argument)], { stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`the bench of the log ended with status ${status}`);
}
