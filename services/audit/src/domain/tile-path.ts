/**
 * Paths of C2SP tlog-tiles (https://c2sp.org/tlog-tiles): `checkpoint`, `tile/<L>/<N>[.p/<W>]` and
 * `tile/entries/<N>[.p/<W>]`, where N is written in groups of three digits, `x001/x234/067`. Each thing has one path.
 */
import { type TileId, tileWidth } from './tile.ts';

export type TilePath =
  | { readonly kind: 'checkpoint' }
  /** `width` hashes of the tile. */
  | { readonly kind: 'hashes'; readonly tile: TileId; readonly width: number }
  /** `width` entries, from `tileWidth * index`. */
  | { readonly kind: 'entries'; readonly index: number; readonly width: number };

const form =
  /^\/tile\/(?<level>entries|0|[1-9][0-9]?)\/(?<groups>(?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/(?<width>[1-9][0-9]{0,2}))?$/;
const levelMax = 63;

/** `undefined` for every path that names nothing. */
export function parseTilePath(path: string): TilePath | undefined {
  if (path === '/checkpoint') return { kind: 'checkpoint' };
  const { level, groups, width: partial } = form.exec(path)?.groups ?? {};
  if (level === undefined || groups === undefined) return undefined;
  const index = Number(groups.replaceAll('x', '').replaceAll('/', ''));
  const width = partial === undefined ? tileWidth : Number(partial);
  // A leading group of zeros, and a part that is the whole, would be second names of the same thing.
  if (groups.startsWith('x000') || (partial !== undefined && width >= tileWidth)) return undefined;
  if (level === 'entries') return { kind: 'entries', index, width };
  if (Number(level) > levelMax) return undefined;
  return { kind: 'hashes', tile: { level: Number(level), index }, width };
}

/** Path of a full tile, or of its entries. */
export function formatTilePath(level: number | 'entries', index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) as string[];
  const path = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
  return `/tile/${level}/${path}`;
}
