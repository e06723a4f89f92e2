/**
 * Which addresses a process may be sent to by a name that others control: those of the public network, and those that a
 * record names. Ranges: the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890).
 */
import { BlockList, isIP } from 'node:net';

/** A list of its own for each family: in one that has both, an IPv4 address is also looked for as the IPv6 one that maps it. */
const special = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  special.ipv4.addSubnet(network, prefix, 'ipv4');
// Of IPv6 only global unicast is public, and in it not what embeds or stands for something else.
special.ipv6.addSubnet('::', 3, 'ipv6');
special.ipv6.addSubnet('4000::', 2, 'ipv6');
special.ipv6.addSubnet('8000::', 1, 'ipv6');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.ipv6.addSubnet(network, prefix, 'ipv6');

/** Whether a connection may go there. */
export function isReachable(address: string, named: readonly string[]): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  if (named.some((each) => normal(each) === normal(address))) return true;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  return !special[kind].check(address, kind);
}

/** One text for each address: IPv6 has many. */
function normal(address: string): string {
  return isIP(address) === 6 ? (URL.parse(`https://[${address}]`)?.hostname ?? address) : address;
}
