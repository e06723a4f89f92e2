/** Where the archive has what: C2SP tlog-tiles, with one file more for each 256 entries that says who signed them. */
import { formatTilePath } from './tile-path.ts';

export const sealedPath = 'sealed.json';

export const entriesPath = (tile: number): string => formatTilePath('entries', tile);

export const appendsPath = (tile: number): string =>
  `/appends${entriesPath(tile).slice('/tile/entries'.length)}`;
