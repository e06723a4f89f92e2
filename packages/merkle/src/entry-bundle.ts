/** Entries as C2SP tlog-tiles has them (https://c2sp.org/tlog-tiles): each after its length in 16 bits. */
const lengthBytes = 2;

export function formatBundle(leaves: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      const length = Buffer.alloc(lengthBytes);
      length.writeUInt16BE(leaf.length);
      return [length, leaf];
    }),
  );
}

/** `undefined` for octets that are no bundle. */
export function parseBundle(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const leaves: Uint8Array[] = [];
  let at = 0;
  while (at + lengthBytes <= view.length) {
    const end = at + lengthBytes + view.readUInt16BE(at);
    leaves.push(view.subarray(at + lengthBytes, end));
    at = end;
  }
  return at === view.length ? leaves : undefined;
}
