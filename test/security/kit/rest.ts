/** Plain HTTPS requests, as a person with curl would make them. */
import { readFile } from 'node:fs/promises';
import type { StackInfo } from '@strongroom/stack';
import { Agent, request } from 'undici';

export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

export interface RestRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | object;
}

export async function openRest(info: StackInfo, context: { after(work: () => Promise<void>): void }) {
  const agent = new Agent({ connect: { ca: await readFile(info.caFile, 'utf8') }, connections: 16 });
  context.after(() => agent.close());
  return async ({ method = 'POST', path, headers = {}, body }: RestRequest): Promise<RestAnswer> => {
    const isJson = body !== undefined && typeof body === 'object' && !(body instanceof Uint8Array);
    const answer = await request(`${info.gatewayUrl}${path}`, {
      method,
      dispatcher: agent,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as string | Buffer) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, body: parse(text) };
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
