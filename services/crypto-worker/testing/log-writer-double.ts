/** The writer of the log, on the bus: real leaves and signatures, until a test changes its answer. */
import type { Bus, ResponderHandle, SignsOfLife } from '@strongroom/bus';
import {
  type CanonicalValue,
  canonicalBytes,
  canonicalText,
  digest,
  encodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import {
  type AppendReply,
  type AppendRequest,
  checkers,
  digestDomain,
  type ReceiptKeyStatement,
  type SignedStatement,
  subjects,
} from '@strongroom/contracts';
import { leafHash, rootHash } from '@strongroom/merkle';
import { statementDigest } from '@strongroom/sealed';
import { KeyHolder } from './key-holder.ts';

export type ChangeReply = (reply: AppendReply) => unknown;

export class LogWriterDouble {
  readonly requests: AppendRequest[] = [];
  readonly receiptKey = new KeyHolder('app:audit');
  readonly #identity: KeyHolder;
  epoch = 3;
  size = 0;
  /** What becomes of an honest answer. */
  change: ChangeReply = (reply) => reply;
  #listening: ResponderHandle | undefined;

  constructor(identity: KeyHolder) {
    this.#identity = identity;
  }

  async listen(bus: Pick<Bus, 'respond'>, signs?: SignsOfLife): Promise<void> {
    this.#listening = await bus.respond(subjects.auditAppend, {
      ...(signs === undefined ? {} : { signs }),
      handler: async (bytes) => {
        const request: unknown = parseCanonical(bytes);
        if (!checkers.appendRequest.check(request)) throw new TypeError('not an append request');
        this.requests.push(request);
        const answer = await this.change(this.answer(request));
        return answer instanceof Uint8Array ? answer : canonicalBytes(answer as CanonicalValue);
      },
    });
  }

  async stop(): Promise<void> {
    await this.#listening?.drain();
  }

  certificate(change: Partial<ReceiptKeyStatement> = {}, signer = this.#identity): SignedStatement {
    const statement: ReceiptKeyStatement = {
      type: 'strongroom.receipt-key/1',
      epoch: this.epoch,
      publicKey: this.receiptKey.publicKey,
      notBefore: '2020-01-01T00:00:00.000Z',
      notAfter: '2040-01-01T00:00:00.000Z',
      ...change,
    };
    return { statement, signature: encodeBytes(signer.sign(statementDigest(statement))) };
  }

  signRun(run: { first: number; count: number; root: string }, epoch = this.epoch): string {
    return encodeBytes(this.receiptKey.sign(digest(digestDomain.receipt, { epoch, ...run })));
  }

  answer({ bodies }: AppendRequest): AppendReply {
    const first = this.size;
    this.size += bodies.length;
    const placements = bodies.map(({ objects }) => ({
      at: '2030-01-01T00:00:00.000Z',
      actorSeq: 1,
      objectSeqs: objects.map(() => 1),
    }));
    const leaves = bodies.map((body, at) =>
      leafHash(Buffer.from(canonicalText({ body, placement: placements[at] } as unknown as CanonicalValue))),
    );
    const count = leaves.length;
    return {
      receiptKey: this.certificate(),
      runs: [
        {
          first,
          count,
          signature: this.signRun({ first, count, root: encodeBytes(rootHash(leaves)) }),
          receipts: placements.map((placement, position) => ({ position, offset: position, placement })),
        },
      ],
      replayed: [],
    };
  }
}
