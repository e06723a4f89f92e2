/**
 * Like `Promise.all`, but it settles only when every part has: what still starts could not be stopped otherwise. The
 * first fault is told at once, so that the others can give up early, and is thrown in the end.
 */
export async function settleAll<Parts extends readonly unknown[]>(
  parts: { readonly [Index in keyof Parts]: Promise<Parts[Index]> },
  onFault: (fault: unknown) => void,
): Promise<Parts> {
  const faults: unknown[] = [];
  const settled = await Promise.all(
    parts.map((part) =>
      (part as Promise<unknown>).catch((fault: unknown) => {
        faults.push(fault);
        onFault(fault);
      }),
    ),
  );
  if (faults.length > 0) throw faults[0];
  return settled as unknown as Parts;
}
