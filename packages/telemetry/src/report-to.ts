import type { LogFields } from './log-fields.ts';
import type { Logger } from './logger.ts';

/** Lets a part that only reports events write them as log lines; what carries a fault is an error. */
export function reportTo(logger: Logger) {
  return (event: string, { error, ...fields }: LogFields & { readonly error?: unknown }): void => {
    if (error === undefined) logger.info(event, fields);
    else logger.error(event, fields, error);
  };
}
