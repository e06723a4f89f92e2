/**
 * Writes `docs/reference`. With `--check` it writes nothing, names the files that are stale and ends with status 1 if
 * there are any.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { referenceFiles, staleFiles } from './reference-files.ts';

const manifest = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
const folder = new URL('../../../../docs/reference/', import.meta.url);
const wanted = referenceFiles(version);

mkdirSync(folder, { recursive: true });
if (process.argv.includes('--check')) {
  const found = new Map(
    readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
  );
  const stale = staleFiles(wanted, found);
  for (const name of stale) console.error(`docs/reference/${name} is stale: run npm run generate`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [name, text] of wanted) writeFileSync(new URL(name, folder), text);
}
