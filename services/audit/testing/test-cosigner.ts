/** A witness outside that answers as one should, or as the test says. */
import assert from 'node:assert/strict';
import {
  cosignatureLine,
  cosignedBytes,
  emptyRoot,
  parseCheckpoint,
  verifyConsistency,
} from '@strongroom/merkle';
import { ed25519Sign } from '@strongroom/sealed';
import type { CosignAnswer, Cosigner, CosignRequest } from '../src/ports/cosigner.ts';
import { newKeyPair } from './test-deployment.ts';

export class TestCosigner implements Cosigner {
  readonly name: string;
  readonly keys = newKeyPair();
  readonly publicKey = this.keys.raw;
  seen: { size: number; root: Uint8Array } = { size: 0, root: emptyRoot };
  asked = 0;
  answer: ((request: CosignRequest) => CosignAnswer) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async addCheckpoint(request: CosignRequest): Promise<CosignAnswer> {
    this.asked += 1;
    if (this.answer !== undefined) return this.answer(request);
    const { oldSize, proof, note } = request;
    if (oldSize !== this.seen.size) return { status: 'stale', size: this.seen.size };
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const checkpoint = parseCheckpoint(text);
    assert.ok(checkpoint);
    if (!verifyConsistency(oldSize, this.seen.root, checkpoint.size, checkpoint.root, proof))
      return { status: 'refused', reason: '422 a fork' };
    this.seen = checkpoint;
    return { status: 'cosigned', lines: [this.line(text)] };
  }

  line(text: string, time = 1_700_000_000): string {
    const signature = ed25519Sign(this.keys.privateKey, cosignedBytes(text, time));
    return cosignatureLine(this.name, this.keys.raw, time, signature);
  }
}
