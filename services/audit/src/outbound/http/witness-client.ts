/** Asks one witness over HTTP, at the address that was configured and nowhere else: redirections are not followed. */
import { StrongroomError } from '@strongroom/errors';
import type { CosignAnswer, Cosigner } from '../../ports/cosigner.ts';

export interface WitnessAddress {
  readonly name: string;
  readonly publicKey: Uint8Array;
  /** Without `/add-checkpoint`. */
  readonly url: string;
}

const answerMsMax = 3_000;
const answerBytesMax = 4_096;
const reasonCharactersMax = 400;

export function makeWitnessClient({ name, publicKey, url }: WitnessAddress): Cosigner {
  const address = `${url.replace(/\/$/, '')}/add-checkpoint`;
  return {
    name,
    publicKey,
    async addCheckpoint({ oldSize, proof, note }) {
      const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
      const response = await fetch(address, {
        method: 'POST',
        body: `old ${oldSize}\n${lines}\n${note}`,
        redirect: 'error',
        signal: AbortSignal.timeout(answerMsMax),
      });
      return answerOf(response, await textOf(response));
    },
  };
}

function answerOf({ status, headers }: Response, text: string): CosignAnswer {
  if (status === 200) return { status: 'cosigned', lines: text.split(/(?<=\n)/) };
  const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(text)?.[1];
  if (status === 409 && headers.get('content-type') === 'text/x.tlog.size' && size !== undefined)
    return { status: 'stale', size: Number(size) };
  return { status: 'refused', reason: `${status} ${text.trim().slice(0, reasonCharactersMax)}` };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax)
      throw new StrongroomError('reply-invalid', { detail: 'the answer of a witness is too long' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
