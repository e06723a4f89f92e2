/**
 * Where the deployment is and who asks. Each setting comes from its option, else from the profile file: a JSON document
 * with `gatewayUrl`, `caFile`, `identityFingerprint` and `operatorKeyFile`, as `npm start` writes it.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StrongroomError } from '@strongroom/errors';

export interface ProfileOptions {
  readonly profile?: string;
  readonly gateway?: string;
  readonly ca?: string;
  readonly identity?: string;
  readonly key?: string;
  readonly pool?: string;
  readonly tenant?: string;
}

export interface Profile {
  readonly gatewayUrl: string;
  readonly caFile: string;
  readonly identityFingerprint: string;
  readonly keyFile: string;
  readonly pool: string;
  readonly tenant: string;
}

export const profileDefault = '.strongroom/stack.json';

/** Throws `configuration-invalid` with every setting that is missing. */
export async function readProfile(options: ProfileOptions): Promise<Profile> {
  const file = await readProfileFile(options.profile);
  const settings = {
    gatewayUrl: options.gateway ?? file['gatewayUrl'],
    caFile: options.ca ?? file['caFile'],
    identityFingerprint: options.identity ?? file['identityFingerprint'],
    keyFile: options.key ?? file['operatorKeyFile'],
  };
  const missing = Object.entries(settings).filter(([, value]) => typeof value !== 'string' || value === '');
  if (missing.length > 0) {
    const names = missing.map(([name]) => optionOf[name as keyof typeof optionOf]).join(', ');
    throw new StrongroomError('configuration-invalid', {
      detail: `missing ${names}; give the options or a profile file (--profile, default ${profileDefault})`,
    });
  }
  const found = settings as Record<keyof typeof settings, string>;
  return { ...found, pool: options.pool ?? 'default', tenant: options.tenant ?? 'default' };
}

const optionOf = {
  gatewayUrl: '--gateway',
  caFile: '--ca',
  identityFingerprint: '--identity',
  keyFile: '--key',
} as const;

const fileSettings = ['caFile', 'operatorKeyFile'];

async function readProfileFile(path: string | undefined): Promise<Record<string, string | undefined>> {
  const place = resolve(path ?? profileDefault);
  let text: string;
  try {
    text = await readFile(place, 'utf8');
  } catch (fault) {
    // Only a profile that was asked for has to be there.
    if (path === undefined && (fault as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new StrongroomError('configuration-invalid', {
      detail: `cannot read the profile ${place}`,
      cause: fault,
    });
  }
  try {
    const settings = JSON.parse(text) as Record<string, string>;
    // Paths in a profile are relative to the profile.
    for (const name of fileSettings) {
      const value = settings[name];
      if (value !== undefined) settings[name] = resolve(dirname(place), value);
    }
    return settings;
  } catch (fault) {
    throw new StrongroomError('configuration-invalid', { detail: `${place} is not JSON`, cause: fault });
  }
}
