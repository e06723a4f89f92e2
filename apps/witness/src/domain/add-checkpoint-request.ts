/** The body of C2SP tlog-witness `add-checkpoint`: the old size, a consistency proof, an empty line, the signed checkpoint. */
export interface AddCheckpointRequest {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** Signed note. */
  readonly note: string;
}

const proofLinesMax = 63;
const hashBytes = 32;
const oldForm = /^old (0|[1-9][0-9]{0,15})$/;

/** `undefined` for any other text. */
export function parseAddCheckpoint(body: string): AddCheckpointRequest | undefined {
  const blank = body.indexOf('\n\n');
  if (blank < 0) return undefined;
  const [first = '', ...lines] = body.slice(0, blank).split('\n');
  const [, digits] = oldForm.exec(first) ?? [];
  const oldSize = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(oldSize) || lines.length > proofLinesMax)
    return undefined;
  const proof = lines.map((line) => Buffer.from(line, 'base64'));
  const isCanonical = proof.every(
    (hash, at) => hash.length === hashBytes && hash.toString('base64') === lines[at],
  );
  return isCanonical ? { oldSize, proof, note: body.slice(blank + 2) } : undefined;
}
