/**
 * Records the golden messages of the release that `package.json` names: `node packages/contracts/src/golden/main.ts`.
 * Once that release is out, its file is never written again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { sampleMessages } from './sample-messages.ts';

const manifest = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
const target = new URL(`../../test/golden/messages-${version}.ndjson`, import.meta.url);
writeFileSync(
  target,
  sampleMessages()
    .map((sample) => `${JSON.stringify(sample)}\n`)
    .join(''),
);
