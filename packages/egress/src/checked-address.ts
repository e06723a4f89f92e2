/**
 * One look-up of a host, checked, and a connection to that very address: whatever its name server says a moment later, and
 * wherever it points, nobody is sent to a place that is neither public nor named by a record.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isReachable } from './public-addresses.ts';

export type Resolve = (host: string) => Promise<readonly string[]>;

export async function resolveHost(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** `named`: addresses that are allowed although they are not public. Throws `TypeError` with the reason. */
export async function checkedAddress(
  host: string,
  named: readonly string[],
  resolve: Resolve = resolveHost,
): Promise<string> {
  const found = isIP(host) === 0 ? await resolve(host) : [host];
  const [first] = found;
  if (first === undefined) throw new TypeError('the host has no address');
  // One bad address among several is refused, too: which of them is used must not be luck.
  if (!found.every((address) => isReachable(address, named)))
    throw new TypeError('the host has an address that is neither public nor registered');
  return first;
}

type LookupDone = (
  fault: null,
  found: string | { address: string; family: number }[],
  family?: number,
) => void;

/** The `lookup` of a connection, answered with the address that was checked. */
export function answerLookup(
  address: string,
  { all }: { readonly all?: boolean | undefined },
  done: LookupDone,
): void {
  const family = isIP(address);
  if (all === true) done(null, [{ address, family }]);
  else done(null, address, family);
}
