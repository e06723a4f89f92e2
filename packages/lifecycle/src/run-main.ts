/**
 * What every `main` does: read the settings or tell every problem of them, put the service together, run it. The process
 * is handed in, because only `main` may touch it.
 */
import { isStrongroomError, outlineFault } from '@strongroom/errors';
import { type ProcessEdge, runProcess } from './run-process.ts';
import type { Service } from './service.ts';

export interface Composed {
  readonly service: Service;
  /** Flushes logs and traces, within a bound of its own. */
  readonly flush: () => Promise<void>;
}

export interface MainOptions<Config> {
  readonly edge: ProcessEdge & { readonly stderr: { write(text: string): unknown } };
  readonly configure: () => Config;
  readonly compose: (config: Config) => Composed | Promise<Composed>;
}

export async function runMain<Config>({ edge, configure, compose }: MainOptions<Config>): Promise<void> {
  let composed: Composed;
  try {
    composed = await compose(configure());
  } catch (fault) {
    // There is no logger yet.
    edge.stderr.write(`${describe(fault)}\n`);
    edge.exit(1);
    return;
  }
  await runProcess(composed.service, { edge, flush: composed.flush });
}

/** Our own errors in words; foreign ones by class and place, since their message may hold a value. */
function describe(fault: unknown): string {
  const lines = isStrongroomError(fault) ? [`${fault.code}: ${fault.message}`, fault.detail ?? ''] : [];
  const foreign = isStrongroomError(fault) ? fault.cause : fault;
  if (foreign !== undefined) lines.push(JSON.stringify(outlineFault(foreign)));
  return lines.filter((line) => line !== '').join('\n');
}
