/**
 * Heads of the registry. Every commit makes one: its sequence number, the root of the dictionary, and the hash of the
 * head before. So a head stands for the whole history behind it, and whoever remembers one head, a running worker or
 * the HSM's anchor, accepts only heads that grew out of it. A MAC alone would not do: a database set back by one commit
 * in the moment before a second worker has seen it, and carried on from there, shows valid MACs and higher numbers.
 */
import { digest, encodeBytes, equalBytes } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import { HashTree } from './hash-tree.ts';
import type { RegistrySeal } from './registry-seal.ts';

/** What a head's hash covers. */
export interface HeadBody {
  /** Number of commits so far. */
  readonly sequence: number;
  readonly root: Uint8Array;
  /** Hash of the head before. */
  readonly previous: Uint8Array;
}

export interface Head extends HeadBody {
  readonly hash: Uint8Array;
}

/** Enough of a head to recognise what grew out of it. */
export type HeadReference = Pick<Head, 'sequence' | 'hash'>;

/** One commit between two heads, as the database keeps it. Proves nothing alone. */
export type HeadLink = Pick<Head, 'sequence' | 'root'>;

export function makeHead(tenant: string, { sequence, root, previous }: HeadBody): Head {
  const hash = digest(digestDomain.registryHead, {
    tenant,
    sequence,
    root: encodeBytes(root),
    previous: encodeBytes(previous),
  });
  return { sequence, root, previous, hash };
}

/** The head of a registry that nobody wrote to yet. Public knowledge: it has no MAC. */
export function genesisHead(tenant: string): Head {
  return makeHead(tenant, { sequence: 0, root: HashTree.empty().root, previous: new Uint8Array(32) });
}

export function headMac(seal: RegistrySeal, head: Head): Uint8Array {
  return seal.mac(digestDomain.registryHeadMac, { head: encodeBytes(head.hash) });
}

/** The head, where a worker of this tenant made it. */
export function openHead(seal: RegistrySeal, body: HeadBody, mac: Uint8Array): Head | undefined {
  const head = makeHead(seal.tenant, body);
  return equalBytes(mac, headMac(seal, head)) ? head : undefined;
}

/** Whether `head` grew out of `known`; `links` must hold every commit between the two. */
export function growsFrom(
  tenant: string,
  known: HeadReference,
  links: readonly HeadLink[],
  head: Head,
): boolean {
  let { hash } = known;
  for (const link of links) {
    if (link.sequence <= known.sequence || link.sequence >= head.sequence) continue;
    // A missing or foreign link makes another hash, and no later one leads back.
    ({ hash } = makeHead(tenant, { ...link, previous: hash }));
  }
  return equalBytes(head.previous, hash);
}
