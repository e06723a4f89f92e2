import { readFileSync } from 'node:fs';

/** What a service writes to its status file. */
interface ServiceStatus {
  readonly state: string;
  readonly pid: number;
  readonly unready?: Readonly<Record<string, string>>;
}

/** `undefined` while this process has written none; one of an earlier process does not count. */
export function readStatus(file: string, pid: number): ServiceStatus | undefined {
  try {
    const status = JSON.parse(readFileSync(file, 'utf8')) as ServiceStatus;
    return status.pid === pid ? status : undefined;
  } catch {
    // Not written yet. It appears by a rename, so it is never half there.
    return undefined;
  }
}
