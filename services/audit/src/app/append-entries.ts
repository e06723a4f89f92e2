import type { AppendReply, AppendRequest } from '@strongroom/contracts';
import type { makeAdmitAppend } from './admit-append.ts';
import type { LogWriter } from './log-writer.ts';

/** Verifies, then writes. Throws what `makeAdmitAppend` and `LogWriter.append` throw. */
export function makeAppendEntries(parts: {
  readonly admitAppend: ReturnType<typeof makeAdmitAppend>;
  readonly writer: LogWriter;
}) {
  return async (request: AppendRequest, deadlineMs: number): Promise<AppendReply> => {
    // A writer that refuses anyway spends no time on signatures.
    parts.writer.assertWriting();
    return parts.writer.append(parts.admitAppend(request), deadlineMs);
  };
}
