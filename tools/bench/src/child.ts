/** Processes of the bench: each says when it is ready, answers measurements over IPC, and ends with its parent. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface BenchChild {
  readonly ready: unknown;
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startChild(
  module: string,
  argument: object,
  env: Readonly<Record<string, string>> = {},
): Promise<BenchChild> {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const child = fork(path, [JSON.stringify(argument)], {
    env: { ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ready = await nextMessage(child, module);
  return {
    ready,
    async ask<Answer>(question: object): Promise<Answer> {
      child.send(question);
      return (await nextMessage(child, module)) as Answer;
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.disconnect();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function nextMessage(child: ChildProcess, module: string): Promise<unknown> {
  const failed = once(child, 'exit').then(([status]) => {
    throw new Error(`${module} ended with status ${status}`);
  });
  const [message] = await Promise.race([once(child, 'message'), failed]);
  return message as unknown;
}
